"""The whole application in this process, on SQLite in a folder of its own, with a clock that stands until it is moved.

What lies outside is real where it can be (a FHIR server with `population`), and can be switched off. An installation
is set up once a process and copied, since making keys takes a while.
"""

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from assent.app.clock import DatabaseClock
from assent.app.installation import Installation, open_installation, write_master_key
from assent.app.observation import configure_logs
from assent.app.registry import open_backend
from assent.app.serving.http import build_app
from assent.app.settings import DatabaseSettings, ServerSettings, Settings
from assent.demo.store.store import FhirStore
from assent.demo.upstream import DemoUpstream
from assent.engine.client_auth.secrets import hash_secret
from assent.engine.handles import new_id
from assent.engine.hooks import Hooks
from assent.engine.server import AuthorizationServer
from assent.engine.settings import EngineSettings
from assent.fhir.upstream import UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.identity import Inbound
from assent.records.audit import AuditEvent
from assent.records.clients import Client, ClientSecret
from assent.records.people import Person, PersonName
from assent.storage.interface import Act, Add, Backend, act
from assent.storage.tables import AUDIT, CLIENTS, NAMES, PEOPLE
from assent.testing.browser import Browser
from assent.testing.population import ALL_READ, resources
from assent.testing.smart_app import SmartApp

START = 1_800_000_000
PASSWORD = "demo"
SECRET = "a-secret-of-at-least-32-characters"
REDIRECT_URI = "https://app.example/done"
LAUNCH_URI = "https://app.example/launch"
PUBLIC_URL = "http://localhost:9200"
SCOPE = (
    "openid",
    "fhirUser",
    "launch",
    "launch/patient",
    "launch/encounter",
    "offline_access",
    "online_access",
    "patient/*.rs",
    "user/*.rs",
)


class StandingClock(DatabaseClock):
    """Stands still until it is moved, whatever the database says."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = float(START)
        self._runs_since: float | None = None

    def __call__(self) -> float:
        """Epoch seconds."""
        return self.moment + (0.0 if self._runs_since is None else time.time() - self._runs_since)

    def run(self) -> None:
        """Goes with the real time from now on: what is compared with somebody else's clock."""
        self.moment = self._runs_since = time.time()

    async def synchronise(self, backend: Backend) -> None:
        """Stays as it is."""

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += seconds


class FhirServer(DemoUpstream):
    """The FHIR server behind, which can be down. `asked` lists what it was asked."""

    def __init__(self, store: FhirStore) -> None:
        super().__init__(store)
        self.is_down = False
        self.asked: list[str] = []

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """The store's answer. Raises `UpstreamDown` while it is down."""
        self.asked.append(request.target)
        if self.is_down:
            raise UpstreamDown("switched off")
        return await super().send(request)


@dataclass
class Application:
    """The application and what surrounds it."""

    installation: Installation
    app: ASGIApp
    clock: StandingClock
    fhir: FhirServer

    @property
    def server(self) -> AuthorizationServer:
        """The default issuer's authorization server."""
        return self.installation.server

    @property
    def origin(self) -> str:
        """The origin of the issuer's pages."""
        return self.server.issuer.url

    def browser(self, address: str = "192.0.2.7") -> Browser:
        """A browser that has never been here."""
        return Browser(self.app, self.origin, address)

    def http(self, address: str = "198.51.100.9") -> httpx.AsyncClient:
        """A program that asks; redirects are not followed."""
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=self.origin)

    def smart_app(
        self, client_id: str = "app", redirect_uri: str = REDIRECT_URI, secret: str | None = None
    ) -> SmartApp:
        """The app of a client."""
        return SmartApp(self.origin, self.server.issuer.fhir_base, client_id, redirect_uri, secret)

    async def add_client(self, client_id: str = "app", **fields: Any) -> Client:
        """A public web app that may ask for all of SCOPE, or what `fields` say."""
        defaults: dict[str, Any] = {
            "client_name": "Chart App",
            "token_endpoint_auth_method": "none",
            "redirect_uris": (REDIRECT_URI,),
            "launch_uris": (LAUNCH_URI,),
            "grant_types": ("authorization_code", "refresh_token"),
            "scope": SCOPE,
        }
        client = Client(client_id=client_id, **{**defaults, **fields})
        await self.server.storage.commit(act(Add(CLIENTS, client)))
        return client

    async def add_ehr(self, client_id: str = "ehr", **fields: Any) -> Client:
        """A confidential client (SECRET) that may register launches."""
        defaults: dict[str, Any] = {
            "client_name": "EHR",
            "token_endpoint_auth_method": "client_secret_basic",
            "secrets": (ClientSecret("one", "", hash_secret(SECRET)),),
            "redirect_uris": (),
            "launch_uris": (),
            "grant_types": ("client_credentials",),
            "scope": ("launch:create",),
        }
        return await self.add_client(client_id, **{**defaults, **fields})

    async def add_person(self, username: str, password: str = PASSWORD, **fields: Any) -> Person:
        """Somebody with this password."""
        person = Person(
            person_id=new_id(self.server, "u"),
            username=username,
            name_key=username,
            password_hash=await self.server.passwords.hash(password),
            **fields,
        )
        name = PersonName(username, person.person_id)
        await self.server.storage.commit(Act((Add(NAMES, name), Add(PEOPLE, person))))
        return person

    async def add_amy(self) -> Person:
        """A patient."""
        return await self.add_person(
            "amy", given_name="Amy", family_name="Okafor", fhir_user="Patient/amy", email="amy@mail.example"
        )

    async def add_jonas(self) -> Person:
        """A father of two."""
        return await self.add_person(
            "jonas", given_name="Jonas", family_name="Weber", fhir_user="Person/jonas"
        )

    async def add_lee(self) -> Person:
        """A clinician who may read everything."""
        return await self.add_person(
            "lee", given_name="Hannah", family_name="Lee", fhir_user="Practitioner/lee", permissions=ALL_READ
        )

    async def audit(self, type_: str | None = None) -> list[AuditEvent]:
        """The audit rows of this type, or all, in the order of time."""
        where = {"type": type_} if type_ else None
        return await self.server.storage.find(AUDIT, where, limit=10_000)


async def set_up(folder: Path) -> None:
    """Makes an installation in an empty folder: master key, database, signing keys."""
    write_master_key(folder / "master.key")
    backend = open_backend("sqlite:///assent.db", folder, 1)
    await backend.migrate()
    await backend.close()
    async with open_installation(_settings(None, None), folder, clock=StandingClock()):
        pass  # opening it makes the keys


@asynccontextmanager
async def open_application(
    template: Path,
    folder: Path,
    *,
    engine: EngineSettings | None = None,
    server: ServerSettings | None = None,
    settings: Settings | None = None,
    store: FhirStore | None = None,
    inbound: Inbound | None = None,
    hooks: Hooks | None = None,
) -> AsyncIterator[Application]:
    """The application of a copy of `template` (a folder that `set_up` has filled) in the empty `folder`.

    `inbound` replaces the sign-in modules of the settings, `hooks` those that do nothing.
    """
    shutil.copytree(template, folder, dirs_exist_ok=True)
    chosen = replace(settings, database=_DATABASE) if settings else _settings(engine, server)
    clock = StandingClock()
    fhir = FhirServer(store or FhirStore(resources(), base_url="http://fhir.internal"))
    async with open_installation(chosen, folder, upstream=fhir, clock=clock, hooks=hooks) as installation:
        if inbound is not None:
            installation = replace(installation, inbound=dict.fromkeys(installation.servers, inbound))
        log = configure_logs(chosen.server.log_format, chosen.server.log_level)
        yield Application(installation, build_app(installation, log), clock, fhir)


_DATABASE = DatabaseSettings("sqlite:///assent.db")


def _settings(engine: EngineSettings | None, server: ServerSettings | None) -> Settings:
    return Settings(
        server=server or ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        database=_DATABASE,
        engine=engine or EngineSettings(),
    )
