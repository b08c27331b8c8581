"""The application before a FHIR server at a URL, asked over HTTP, with credentials from the environment."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from assent.app.installation import open_installation
from assent.app.observation import configure_logs
from assent.app.serving.http import build_app
from assent.app.settings import DatabaseSettings, FhirSettings, ServerSettings, Settings
from assent.testing.application import PUBLIC_URL, Application, FhirServer, StandingClock
from gateway.clinic import FHIR_JSON, Asking, Clinic

AMY = {"resourceType": "Patient", "id": "amy", "meta": {"versionId": "3"}}
MOOD = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/amy"}}


@asynccontextmanager
async def open_behind(template: Path, folder: Path, url: str, **fhir: Any) -> AsyncIterator[Clinic]:
    """A copy of the installation `template` before the FHIR server at `url`; `fhir` are settings of `[fhir]`."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        database=DatabaseSettings("sqlite:///assent.db"),
        fhir=FhirSettings(upstream=url, **fhir),
    )
    clock = StandingClock()
    async with open_installation(settings, folder, clock=clock) as installation:
        log = configure_logs("json", "info")
        upstream = cast("FhirServer", installation.upstreams["default"])
        yield Clinic(Application(installation, build_app(installation, log), clock, upstream))


@dataclass
class OddServer:
    """A FHIR server that answers as it is told to, by path or everything alike, and remembers what it was asked."""

    answers: dict[str, web.Response] = field(default_factory=dict)
    otherwise: web.Response = field(
        default_factory=lambda: resource({"resourceType": "OperationOutcome"}, 404)
    )
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    base: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append((request.method, request.raw_path, headers, await request.read()))
        kept = self.answers.get(request.path.removeprefix("/r4/"), self.otherwise)
        return web.Response(body=kept.body, status=kept.status, headers=kept.headers)


@asynccontextmanager
async def run_odd_server() -> AsyncIterator[OddServer]:
    """Such a server, listening on loopback."""
    server = OddServer()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}/r4"
    try:
        yield server
    finally:
        await runner.cleanup()


async def amy_of(clinic: Clinic, scope: str = "patient/*.cruds") -> Asking:
    """Amy, by an app that she gave `scope`."""
    client, amy = await clinic.client("app"), await clinic.person("amy", "Patient/amy")
    return await clinic.asking(client, amy, scope, "amy")


def resource(value: Any, status: int = 200, **headers: str) -> web.Response:
    """An answer with a resource in JSON, or with raw bytes."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return web.Response(body=body, status=status, headers={"Content-Type": FHIR_JSON, **given})
