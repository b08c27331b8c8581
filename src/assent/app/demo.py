"""`assent demo`: an installation in a folder, seeded once, with its own FHIR store and its own pages, on loopback.

A folder that holds a demo is kept as it is: a second start finds its people, clients, grants and keys again.
"""

import asyncio
import gc
import os
import secrets
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import BaseRoute

from assent.actions.accounts.people import import_people
from assent.actions.apps.clients import import_clients
from assent.app.configuration import read_settings
from assent.app.installation import Installation, open_installation, write_master_key
from assent.app.registry import open_backend
from assent.app.serving.server import Additions, probe, serve
from assent.app.settings import Settings
from assent.demo.definitions import clients, people
from assent.demo.pages.routes import routes
from assent.demo.pages.site import DemoSite, EncounterChoice, PatientChoice
from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
from assent.demo.upstream import DemoUpstream
from assent.fhir.people import FhirRecords
from assent.spec.jose import new_private_jwk, public_part

if TYPE_CHECKING:
    import aiohttp

DEFAULT_PORT: Final = 9200
CONFIGURATION: Final = "assent.toml"
MASTER_KEY: Final = "master.key"
BACKEND_KEY: Final = "demo-backend.jwk.json"
MOST_CHOICES: Final = 200

_CONFIGURATION: Final = """\
# A demo: made-up people, everyone's password is "demo". Never for real records.
demo = true

[server]
public_url = "http://localhost:{port}"
host = "127.0.0.1"
port = {port}
organization = "Demo Clinic"

[database]
url = "sqlite:///assent.db"

[secrets]
master_key_file = "master.key"

[engine]
# everybody here comes from one address
address_free_failures = 0
# a clinician sees all patients at once: they are few, and made up
picker_lists_up_to = 200
"""


class DemoRefused(Exception):
    """The demo cannot run so; the text says why."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`port` None: the folder's own, or 9200 for a new one."""

    folder: Path
    port: int | None = None
    open_browser: bool = True


def run_demo(options: DemoOptions) -> None:
    """Makes the demo if the folder has none, and serves it until it is stopped.

    Raises `DemoRefused`, `PortTaken`, `ConfigurationError`, `InstallationError`.
    """
    file = options.folder / CONFIGURATION
    if not file.exists():
        _make(options.folder, options.port or DEFAULT_PORT)
    settings = read_settings(file)
    if not settings.demo:
        raise DemoRefused(f"{file} is no demo's: choose another folder with --folder")
    if options.port not in (None, settings.server.port):
        raise DemoRefused(
            f"the demo in {options.folder} has the issuer {settings.server.public_url}: "
            "leave out --port, or choose another folder with --folder"
        )
    probe(settings.server.host, settings.server.port)
    asyncio.run(_migrate(settings, options.folder))
    upstream = demo_upstream(settings)

    def pages(installation: Installation) -> tuple[BaseRoute, ...]:
        return tuple(routes(_site(installation)))

    serve(settings, options.folder, Additions(upstream, pages, lambda: _tell(settings, options)))


def demo_upstream(settings: Settings) -> DemoUpstream:
    """A demo's FHIR server with its synthetic population, made anew.

    All of it stays, so the garbage collector need not look through it, neither now nor later.
    """
    gc.disable()
    try:
        return DemoUpstream(FhirStore(versions(), base_url=f"{settings.server.public_url}/fhir"))
    finally:
        gc.freeze()
        gc.enable()


def _make(folder: Path, port: int) -> None:
    """A new demo: configuration last, so that a half-made one is made again."""
    probe("127.0.0.1", port)
    draft = folder / f".{CONFIGURATION}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any((folder / name).exists() for name in (MASTER_KEY, "assent.db")):
            raise DemoRefused(f"{folder} holds a part of an installation, but no {CONFIGURATION}")
        write_master_key(folder / MASTER_KEY)
        draft.write_text(_CONFIGURATION.format(port=port))
    except OSError as error:
        rule = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise DemoRefused(f"{rule}; choose another folder with --folder") from error
    asyncio.run(_seed(read_settings(draft), folder))
    draft.rename(folder / CONFIGURATION)


async def _migrate(settings: Settings, folder: Path) -> None:
    """A demo goes on with a newer version by itself: nobody would back its made-up people up first."""
    backend = open_backend(settings.database.url, folder, settings.database.connections)
    await backend.migrate()
    await backend.close()


async def _seed(settings: Settings, folder: Path) -> None:
    await _migrate(settings, folder)
    key = new_private_jwk("ES384", "demo-backend-1")
    descriptor = os.open(folder / BACKEND_KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(key)))
    async with open_installation(settings, folder) as installation:
        server = installation.server
        jwks = {"keys": [public_part(key)]}
        await import_clients(
            server, {"clients": clients(settings.server.public_url, jwks)}, actor="assent demo"
        )
        await import_people(server, {"users": people()}, actor="assent demo")


def _site(installation: Installation) -> DemoSite:
    server = installation.server
    records = installation.records[server.issuer.id]
    return DemoSite(
        issuer_url=server.issuer.url,
        fhir_base=server.issuer.fhir_base,
        folder=installation.folder,
        http=_client,
        list_patients=lambda: _patients(records),
        list_encounters=lambda patient: _encounters(records, patient),
        now=server.now,
        new_id=lambda: secrets.token_urlsafe(24),
    )


def _client() -> "aiohttp.ClientSession":
    import aiohttp  # the demo starts without it

    return aiohttp.ClientSession()


async def _patients(records: FhirRecords) -> Sequence[PatientChoice]:
    """The mock EHR's own patient list: an EHR knows its patients without asking the gateway."""
    found = await records.list_patients(MOST_CHOICES)
    return [PatientChoice(one.id, one.name, one.birth_date or "", one.gender or "") for one in found.cards]


async def _encounters(records: FhirRecords, patient: str) -> Sequence[EncounterChoice]:
    found = await records.describe_encounters(patient)
    return [EncounterChoice(one.id, one.title or "Visit", one.start or "") for one in found]


def _tell(settings: Settings, options: DemoOptions) -> None:
    url = settings.server.public_url
    print(  # noqa: T201 - this is what the command says
        f"""
  Assent demo: {url}

  Start page    {url}/
  FHIR base     {url}/fhir
  Folder        {options.folder.resolve()}

  Sign in as    amy (a patient), jonas (a parent), lee (a clinician), admin; password: demo
  Stop it with  Ctrl-C
""",
        flush=True,
    )
    if options.open_browser and has_display():
        webbrowser.open(f"{url}/")


def has_display() -> bool:
    """Whether there is a screen to open a browser on."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt")
