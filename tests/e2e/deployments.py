"""Two ways in which the product is run: the demo, and an installation whose parts are all elsewhere.

The second is what an integrator has: `assent serve` on PostgreSQL, a FHIR server at a URL of its own, and the app and
the EHR on another host (`127.0.0.1` is one to a browser that knows the server as `localhost`).
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from assent.demo.definitions import clients, people
from assent.demo.pages.routes import routes
from assent.demo.pages.site import DemoSite, EncounterChoice, PatientChoice
from assent.demo.store.app import store_app
from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
from assent.demo.upstream import DemoUpstream
from assent.fhir.people import FhirRecords
from assent.spec.jose import new_private_jwk, public_part
from assent.testing.serving import listen, serving
from assent.web.static import StaticFiles, read_static_files
from e2e.processes import ServerProcess, run_assent
from scripts.free_ports import free_port


@dataclass(frozen=True, slots=True)
class Deployment:
    """`url`: the authorization server and gateway. `app_url`: the sample app, the mock EHR, the start page."""

    url: str
    app_url: str
    config: Path
    server: ServerProcess

    @property
    def fhir_base(self) -> str:
        """The FHIR base URL that apps use."""
        return f"{self.url}/fhir"

    @property
    def backend_key(self) -> Path:
        """The private key of the client `demo-backend`."""
        return self.config.parent / "demo-backend.jwk.json"

    def assent(self, *arguments: str) -> str:
        """A command on this installation; what it printed."""
        return run_assent(self.config, *arguments)


@contextmanager
def run_demo(folder: Path) -> Iterator[Deployment]:
    """`assent demo` on a free port, in a folder that it makes."""
    port = free_port()
    arguments = ["demo", "--port", str(port), "--folder", str(folder / "demo"), "--no-browser"]
    server = ServerProcess(arguments, port, folder / "demo.log")
    server.start()
    try:
        yield Deployment(server.url, server.url, folder / "demo" / "assent.toml", server)
    finally:
        server.kill()


@contextmanager
def run_installation(folder: Path, database: str) -> Iterator[Deployment]:
    """`assent serve` on this database, with the demo's people, clients, records and app, all served apart."""
    with ExitStack() as stack:
        store_port, app_listener = free_port(), listen()
        store = FhirStore(versions(), base_url=f"http://127.0.0.1:{store_port}/fhir")
        stack.enter_context(serving(store_app(store, path="/fhir"), listen(store_port)))
        app_url = f"http://127.0.0.1:{app_listener.getsockname()[1]}"
        port, config = free_port(), folder / "assent.toml"
        server = ServerProcess(["--config", str(config), "serve"], port, folder / "serve.log")
        run_assent(
            config, "init", "--public-url", server.url, "--database", database, "--fhir", store.base_url
        )
        add_demo_cast(config, app_url)
        deployment = Deployment(server.url, app_url, config, server)
        stack.enter_context(serving(_pages(deployment, store), app_listener))
        stack.callback(server.kill)
        server.start()
        yield deployment


def add_demo_cast(config: Path, app_url: str) -> None:
    """Imports the demo's clients, whose app is at `app_url`, and its people, by command."""
    key = new_private_jwk("ES384", "demo-backend-1")
    config.with_name("demo-backend.jwk.json").write_text(json.dumps(key))
    for command, file, definitions in (
        ("client", "clients.json", {"clients": clients(app_url, {"keys": [public_part(key)]})}),
        ("user", "people.json", {"users": people()}),
    ):
        config.with_name(file).write_text(json.dumps(definitions))
        run_assent(config, command, "import", str(config.with_name(file)))


def _pages(deployment: Deployment, store: FhirStore) -> ASGIApp:
    """The demo's pages on a host of their own. The mock EHR knows its patients from the store itself."""

    records = FhirRecords(DemoUpstream(store), time.time)

    async def list_patients() -> list[PatientChoice]:
        found = await records.list_patients(200)
        return [
            PatientChoice(one.id, one.name, one.birth_date or "", one.gender or "") for one in found.cards
        ]

    async def list_encounters(patient: str) -> list[EncounterChoice]:
        found = await records.describe_encounters(patient)
        return [EncounterChoice(one.id, one.title or "Visit", one.start or "") for one in found]

    ids = iter(range(1_000_000))
    site = DemoSite(
        issuer_url=deployment.url,
        fhir_base=deployment.fhir_base,
        pages_url=deployment.app_url,
        folder=deployment.config.parent,
        http=aiohttp.ClientSession,
        list_patients=list_patients,
        list_encounters=list_encounters,
        now=lambda: int(time.time()),
        new_id=lambda: f"assertion-{next(ids)}",
    )
    static = StaticFiles(read_static_files())
    return Starlette(routes=[*routes(site), Route("/static/{name}", static.respond)])
