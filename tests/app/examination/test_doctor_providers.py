"""`assent doctor` on providers: each that is on is tried out, live."""

import shutil
from pathlib import Path
from typing import Any

from applications import OpenWith
from assent.app.examination.doctor import Finding, examine
from assent.testing.application import PUBLIC_URL, SECRET
from identity.oidc.pair import listen, register_home, served, settings


async def findings(template: Path, folder: Path, **providers: dict[str, Any]) -> list[Finding]:
    """What is found of the providers of an installation."""
    shutil.copytree(template, folder)
    found = await examine(settings(PUBLIC_URL, "oidc", providers=providers), folder)
    return [one for one in found if one.subject.startswith("provider ")]


async def test_a_provider_that_works_and_one_that_is_gone(
    open_with: OpenWith, installation_template: Path, tmp_path: Path
) -> None:
    listener, url = listen()
    clinic = await open_with(settings=settings(url, "local"))
    await register_home(clinic)
    right = {"issuer": url, "client_id": "home", "client_secret": SECRET}
    async with served(clinic.app, listener):
        good, wrong, gone = await findings(
            installation_template,
            tmp_path / "home",
            clinic=right,
            wrong={**right, "client_secret": "another"},
            gone={"issuer": "http://localhost:9", "client_id": "home"},
            off={"issuer": "http://localhost:9", "client_id": "home", "enabled": False},
        )
    assert (good.status, good.subject) == ("ok", "provider clinic")
    assert (wrong.status, wrong.subject) == ("fail", "provider wrong")
    assert "refuses our client_id or credentials: invalid_client" in wrong.detail
    assert (gone.status, gone.subject) == ("fail", "provider gone")
