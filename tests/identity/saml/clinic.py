"""An application whose people sign in at a SAML provider: the forger's, by metadata in a file."""

import zlib
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from applications import OpenWith
from assent.app.settings import ServerSettings, Settings, SignInSettings
from assent.identity.saml.settings import SamlSettings
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp
from identity.saml.forger import Forger, encoded, metadata
from services.key_pairs import a_pair

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


@dataclass
class Clinic:
    """The application, its app, and a person's browser."""

    application: Application
    app: SmartApp
    browser: Browser
    made: dict[str, Any] = field(default_factory=dict)

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
    application = await open_with(
        settings=saml_settings(**{"metadata_file": "idp.xml", "title": "Clinic account", **fields})
    )
    file = application.installation.folder / "idp.xml"
    file.write_bytes(metadata(a_pair("idp")) if document is None else document)
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    return Clinic(application, application.smart_app(), application.browser())
