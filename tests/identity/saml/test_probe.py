"""A SAML provider tried out: what works, what does not, and that nobody signs in by it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from applications import OpenWith
from assent.app.examination.saml import saml_providers, try_saml_provider
from assent.app.settings import IssuerSettings
from assent.app.sign_in_settings import SignInSettings
from assent.engine.sealing import Sealer
from assent.engine.server import Answered, AuthorizationServer, Fetched, FetchFailed, Outgoing
from assent.identity.saml.settings import SamlSettings
from assent.storage.tables import SESSIONS
from assent.testing.browser import Browser
from assent.testing.server import a_server
from identity.saml.forger import IDP, SSO, metadata
from identity.saml.leaver import BY_REDIRECT, EXIT
from identity.saml.test_real_idp import a_home, opened
from services.key_pairs import a_pair
from services.saml_idp import StartIdp

__all__ = ["opened"]

Told = list[tuple[str, str]]


class Web:
    """What answers where people sign in."""

    def __init__(self, status: int | None) -> None:
        self.status = status
        self.asked: list[str] = []

    async def send(self, request: Outgoing) -> Answered:
        self.asked.append(request.url)
        if self.status is None:
            raise FetchFailed("no connection")
        return Answered(self.status, "text/html", b"")

    async def __call__(self, url: str, accept: str, most_bytes: int = 0) -> Fetched:
        raise FetchFailed("answered 503")


async def tried(folder: Path, web: Web, document: bytes = BY_REDIRECT, **fields: Any) -> Told:
    """How each step was."""
    (folder / "idp.xml").write_bytes(document)
    server, issuer = await asked(web, **fields)
    steps = await try_saml_provider(server, issuer, "clinic", folder, Sealer(bytes(32), server.random))
    return [(step.status, f"{step.name}: {step.detail}") for step in steps]


async def asked(web: Web, **fields: Any) -> tuple[AuthorizationServer, IssuerSettings]:
    server = replace((await a_server()).server, fetch=web)
    provider = SamlSettings(**{"metadata_file": "idp.xml", **fields})
    sign_in = SignInSettings(modules=("saml",), saml={"clinic": provider})
    return server, IssuerSettings(server.issuer.url, sign_in=sign_in)


async def test_each_step_is_told(tmp_path: Path) -> None:
    web = Web(200)
    assert await tried(tmp_path, web) == [
        ("ok", f"metadata: the metadata is that of {IDP}"),
        ("ok", "keys: 1 for signatures"),
        ("ok", "sign-in: our signed request is answered"),
        ("ok", f"sign-out: goes on at {EXIT}, by HTTP-Redirect"),
    ]
    [url] = web.asked
    assert url.startswith(f"{SSO}?SAMLRequest=")


@pytest.mark.parametrize("status", [400, 500, None])
async def test_a_provider_that_does_not_know_us_is_suspected(tmp_path: Path, status: int | None) -> None:
    _, _, (kind, told), _ = await tried(tmp_path, Web(status))
    assert kind == "warn"
    assert ("does it have our metadata" in told) == (status is not None)


async def test_what_signing_out_comes_to_is_told(tmp_path: Path) -> None:
    (kind, told) = (await tried(tmp_path, Web(200), metadata(a_pair("idp"))))[-1]
    assert (kind, told) == (
        "ok",
        "sign-out: its metadata names no place: who signs out here stays signed in there",
    )
    (kind, told) = (await tried(tmp_path, Web(200), sign_out_there=False))[-1]
    assert "switched off" in told


async def test_keys_that_end_soon_are_told(tmp_path: Path) -> None:
    document = metadata(a_pair("idp"), more='validUntil="2027-01-20T00:00:00Z"')
    _, (kind, told), *_ = await tried(tmp_path, Web(200), document)
    assert kind == "warn"
    assert f"ends on 2027-01-20: expect new ones from {IDP}" in told


async def test_nothing_is_tried_behind_what_fails(tmp_path: Path) -> None:
    web = Web(200)
    [(kind, told)] = await tried(tmp_path, web, b"<oops/>")
    assert (kind, "see sign_in.saml.clinic" in told) == ("fail", True)
    [(kind, told)] = await tried(tmp_path, web, key="none.key", certificate="none.pem")
    assert (kind, told.partition(":")[0]) == ("fail", "our keys")
    assert web.asked == []


async def test_the_doctor_is_told_the_worst(tmp_path: Path) -> None:
    (tmp_path / "idp.xml").write_bytes(BY_REDIRECT)
    said = []
    for status in (200, 500):
        server, issuer = await asked(Web(status))
        sealer = Sealer(bytes(32), server.random)
        said += [one async for one in saml_providers(server, issuer, tmp_path, sealer)]
    assert said[0] == ("ok", "provider clinic", f"the metadata is that of {IDP}")
    assert said[1][:2] == ("warn", "provider clinic")
    off = replace(issuer, sign_in=replace(issuer.sign_in, modules=("local",)))
    assert [one async for one in saml_providers(server, off, tmp_path, sealer)] == []


async def test_a_real_provider_tells_whether_it_knows_us(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser]
) -> None:
    home = await a_home(open_with, start_saml_idp, opened)
    installation = home.application.installation
    issuer = installation.settings.all_issuers()["default"]
    given = (home.application.server, issuer, "clinic", installation.folder, installation.sealer)
    steps = await try_saml_provider(*given)
    assert [step.status for step in steps] == ["ok"] * 4, steps
    stranger = replace(issuer.sign_in.saml["clinic"], own_entity_id="urn:nobody")
    given = (
        given[0],
        replace(issuer, sign_in=replace(issuer.sign_in, saml={"clinic": stranger})),
        *given[2:],
    )
    statuses = {step.name: step.status for step in await try_saml_provider(*given)}
    assert statuses["sign-in"] == "warn"
    assert await home.application.server.storage.find(SESSIONS) == []
