"""An application whose people sign in at a SAML provider: the forger's, by metadata in a file."""

import zlib
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from applications import OpenWith
from assent.app.settings import ServerSettings, Settings
from assent.app.sign_in_settings import SignInSettings
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.saml.keys import MadeKeys
from assent.identity.saml.module import SamlModule
from assent.identity.saml.settings import SamlSettings
from assent.records.identities import Arrival
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.browser import Browser, Page
from assent.testing.server import a_server
from assent.testing.smart_app import SmartApp
from identity.saml.forger import IDP, Forger, encoded, metadata
from services.key_pairs import a_pair, write_pair

CALLBACK = f"{PUBLIC_URL}/login/clinic/callback"
ENTITY = f"{PUBLIC_URL}/login/clinic/metadata"
SCOPE = "openid fhirUser"


def saml_settings(
    public_url: str = PUBLIC_URL, modules: tuple[str, ...] = ("saml",), **fields: Any
) -> Settings:
    """Settings of an installation with the provider `clinic`."""
    return Settings(
        server=ServerSettings(public_url=public_url, log_format="json"),
        sign_in=SignInSettings(modules=modules, saml={"clinic": SamlSettings(**fields)}),
    )


@dataclass(frozen=True, slots=True)
class Left:
    """Where the browser was sent, and with what."""

    url: str
    request: Any
    state: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The module by itself, for the many answers that it must refuse, and a provider that can answer it."""

    server: AuthorizationServer
    module: SamlModule
    forger: Forger

    async def finish(self, response: bytes | str) -> Arrival:
        """What the module makes of an answer to its request."""
        text = response if isinstance(response, str) else encoded(response)
        kept = {"request": self.forger.request_id, "provider": IDP, "since": None}
        return await self.module.finish(self.server, {"SAMLResponse": text}, kept, CALLBACK)

    async def refused(self, response: bytes | str) -> str:
        """Why the answer is refused."""
        with pytest.raises(ArrivalRefused) as refusal:
            await self.finish(response)
        return str(refusal.value)


async def a_desk(folder: Path, document: bytes | None = None, **fields: Any) -> Desk:
    """The module with these settings."""
    server = (await a_server()).server
    (folder / "idp.xml").write_bytes(document or metadata(a_pair("idp")))
    write_pair(folder, "own", a_pair("own"))
    settings = SamlSettings(
        **{
            "metadata_file": "idp.xml",
            "key": "own.key",
            "certificate": "own.pem",
            "own_entity_id": ENTITY,
            **fields,
        }
    )
    module = SamlModule("clinic", settings, folder, MadeKeys(Sealer(bytes(32), server.random)))
    return Desk(server, module, Forger(server.now(), ENTITY, CALLBACK, "_request"))


@dataclass
class Clinic:
    """The application, its app, and a person's browser."""

    application: Application
    app: SmartApp
    browser: Browser

    async def leave(self, **asked: str) -> Left:
        """The app asks; the browser is sent to the provider."""
        page = await self.app.launch(self.browser, SCOPE, **asked)
        assert page.left_to is not None, page.text
        return read_left(page.left_to)

    async def forger(self, **asked: str) -> tuple[Forger, Left]:
        """The app asks; gives a provider that can answer."""
        left = await self.leave(**asked)
        now = self.application.server.now()
        return Forger(now, ENTITY, CALLBACK, left.request.get("ID")), left

    async def post(self, response: bytes | str, state: str) -> Page:
        """The provider's page posts its answer."""
        text = response if isinstance(response, str) else encoded(response)
        fields = [("SAMLResponse", text), ("RelayState", state)]
        return await self.browser.post_from_elsewhere("/login/clinic/callback", fields)

    async def reason(self) -> str:
        """Why the last sign-in was refused, as the audit log has it."""
        rows = [
            *await self.application.audit("login.refused"),
            *await self.application.audit("login.unavailable"),
        ]
        assert rows, "nobody was refused"
        return str((rows[-1].detail or {})["reason"])


def read_left(url: str) -> Left:
    """The request in a redirect."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    request = etree.fromstring(zlib.decompress(b64decode(query["SAMLRequest"]), -15))
    return Left(url, request, query["RelayState"])


async def a_clinic(open_with: OpenWith, document: bytes | None = None, **fields: Any) -> Clinic:
    """The application with the forger's provider. `fields` are of the settings."""
    given = {"metadata_file": "idp.xml", "title": "Clinic account", **fields}
    application = await open_with(settings=saml_settings(**given))
    (application.installation.folder / "idp.xml").write_bytes(document or metadata(a_pair("idp")))
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    return Clinic(application, application.smart_app(), application.browser())
