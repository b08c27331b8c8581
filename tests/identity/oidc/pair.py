"""Two issuers of ours: at `home` people come in, at `clinic` they sign in; between them real connections."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from applications import OpenWith
from assent.actions.providers.desk import Desk
from assent.actions.providers.providers import add_provider
from assent.app.settings import ServerSettings, Settings
from assent.app.sign_in_settings import SignInSettings
from assent.engine.client_auth.secrets import hash_secret
from assent.records.clients import ClientSecret
from assent.records.providers import Provider
from assent.testing.application import PUBLIC_URL, SECRET, Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp

CALLBACK = f"{PUBLIC_URL}/login/clinic/callback"
SIGNED_OUT = f"{PUBLIC_URL}/login/clinic/signed-out"
SCOPE = "openid fhirUser"


def settings(public_url: str, *modules: str, **more: Any) -> Settings:
    """Settings of an installation at this URL that signs people in by these modules."""
    return Settings(
        server=ServerSettings(public_url=public_url, log_format="json"),
        sign_in=SignInSettings(modules=modules),
        **more,
    )


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """The application at a real socket, in this event loop."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def listen() -> tuple[socket.socket, str]:
    """A listening socket, and the URL of what answers there."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://localhost:{listener.getsockname()[1]}"


def desk_of(application: Application) -> Desk:
    """Where the application's providers are managed."""
    return Desk(application.server, application.installation.sealer)


@dataclass
class Pair:
    """The two, and a person's browser at each: one and the same browser, had they not different origins."""

    home: Application
    clinic: Application
    app: SmartApp
    browser: Browser
    there: Browser
    more: dict[str, Any] = field(default_factory=dict)

    async def leave(self, **asked: str) -> Page:
        """The app asks; gives the page at home, from where the browser was sent to the clinic."""
        page = await self.app.launch(self.browser, SCOPE, **asked)
        assert page.left_to is not None, page.text
        return page

    async def arrive(self, username: str = "amy", **asked: str) -> Page:
        """The app asks, the person signs in at the clinic, and is back at home."""
        page = await self.leave(**asked)
        return await self.sign_in_there(str(page.left_to), username)

    async def sign_in_there(self, url: str, username: str = "amy") -> Page:
        """Signs in at the clinic, if it asks, and follows the answer home."""
        page = await self.there.open(url)
        if page.left_to is None:
            page = await self.there.sign_in(username)
        assert page.left_to is not None, page.text
        return await self.browser.open(page.left_to)

    async def answer_for(self, username: str = "amy", **asked: str) -> str:
        """The address that the clinic sends the browser back to, not opened yet."""
        page = await self.there.open(str((await self.leave(**asked)).left_to))
        if page.left_to is None:
            page = await self.there.sign_in(username)
        assert page.left_to is not None
        return page.left_to

    async def reason(self) -> str:
        """Why the last sign-in was refused, as the audit log has it."""
        rows = [*await self.home.audit("login.refused"), *await self.home.audit("login.unavailable")]
        assert rows, "nobody was refused"
        return str((rows[-1].detail or {})["reason"])


async def register_home(clinic: Application, **fields: Any) -> None:
    """Makes home a client at the clinic."""
    registered: dict[str, Any] = {
        "client_name": "Home",
        "token_endpoint_auth_method": "client_secret_basic",
        "secrets": (ClientSecret("one", "", hash_secret(SECRET)),),
        "redirect_uris": (CALLBACK,),
        "post_logout_redirect_uris": (SIGNED_OUT,),
        "launch_uris": (),
        "scope": ("openid", "profile", "email", "fhirUser"),
        "auto_approve_scope": ("openid", "profile", "email", "fhirUser"),
    }
    await clinic.add_client("home", **{**registered, **fields})


async def define_clinic(home: Application, issuer: str, **fields: Any) -> Provider:
    """Makes the clinic a provider at home."""
    definition = {
        "name": "clinic",
        "title": "Clinic account",
        "issuer": issuer,
        "client_id": "home",
        "client_secret": SECRET,
        **fields,
    }
    document = {name: value for name, value in definition.items() if value is not None}
    return await add_provider(desk_of(home), document, actor=None)


@asynccontextmanager
async def a_pair(open_with: OpenWith, **fields: Any) -> AsyncIterator[Pair]:
    """Home and clinic, with Amy and a clinician at the clinic and the app at home. `fields` are of the definition."""
    listener, url = listen()
    clinic = await open_with(settings=settings(url, "local"))
    home = await open_with(settings=settings(PUBLIC_URL, "oidc"))
    async with served(clinic.app, listener):
        await register_home(clinic)
        await clinic.add_person(
            "amy",
            given_name="Amy",
            family_name="Okafor",
            email="amy@mail.example",
            locale="fr",
            fhir_user="Patient/amy",
        )
        await define_clinic(home, url, **fields)
        await home.add_client(auto_approve_scope=("openid", "fhirUser"))
        there = Browser(None, url)
        try:
            yield Pair(home, clinic, home.smart_app(), home.browser(), there)
        finally:
            await there.close()


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
