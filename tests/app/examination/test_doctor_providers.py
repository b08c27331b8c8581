"""`assent doctor` on providers: each that is on is tried out, live."""

import shutil
from pathlib import Path
from typing import Any

from applications import OpenWith
from assent.app.examination.doctor import Finding, examine
from assent.testing.application import PUBLIC_URL, SECRET
from identity.oidc.pair import listen, register_home, served, settings


async def findings(
    template: Path, folder: Path, public_url: str = PUBLIC_URL, **providers: dict[str, Any]
) -> list[Finding]:
    """What is found of the providers of an installation."""
    shutil.copytree(template, folder)
    found = await examine(settings(public_url, "oidc", providers=providers), folder)
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


async def test_of_a_provider_in_ones_own_network_the_setting_that_helps_is_told(
    installation_template: Path, tmp_path: Path
) -> None:
    inside, here = (
        {"issuer": f"https://{host}:8443", "client_id": "us", "client_secret": SECRET}
        for host in ("10.1.2.3", "127.0.0.1")
    )
    first, second = await findings(
        installation_template, tmp_path / "home", "https://auth.clinic.example", inside=inside, here=here
    )
    assert {first.status, second.status} == {"fail"}
    told = {first.subject: first.detail, second.subject: second.detail}
    assert "name it in outbound.private_hosts" in told["provider inside"]
    assert "which outbound.private_hosts cannot open" in told["provider here"]
