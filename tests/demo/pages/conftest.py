"""A running demo site over real HTTP, with a stub of the servers it speaks to."""

import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.applications import Starlette
from stub_server import Stub

from assent.demo.pages.routes import routes
from assent.demo.pages.site import DemoSite, EncounterChoice, PatientChoice

PATIENTS = [
    PatientChoice("amy", "Amy Okafor", "1984-03-09", "female"),
    PatientChoice("leo", "Leo Weber", "2018-06-04", "male"),
    PatientChoice("mia", "Mia Weber", "2015-01-22", "female"),
    *(PatientChoice(f"p{i}", f"Patient Number {i}", f"19{40 + i}-02-11", "unknown") for i in range(20)),
]
ENCOUNTERS = {
    "amy": [
        EncounterChoice("amy-e2", "Follow-up, blood pressure", "2025-10-14"),
        EncounterChoice("amy-e1", "Annual check", "2025-06-14"),
    ]
}


@dataclass(frozen=True, slots=True)
class Running:
    """A demo site that listens, and the stub behind it."""

    url: str
    site: DemoSite
    stub: Stub


async def list_patients() -> Sequence[PatientChoice]:
    return PATIENTS


async def list_encounters(patient: str) -> Sequence[EncounterChoice]:
    return ENCOUNTERS.get(patient, [])


def make_site(url: str, folder: Path) -> DemoSite:
    ids = itertools.count()
    return DemoSite(
        issuer_url=url,
        fhir_base=f"{url}/fhir",
        folder=folder,
        http=aiohttp.ClientSession,
        list_patients=list_patients,
        list_encounters=list_encounters,
        now=lambda: int(time.time()),
        new_id=lambda: f"id-{next(ids)}",
        has_admin=True,
        docs_url="https://docs.example/",
    )


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests of this folder, on a free port of localhost."""
    key = ECKey.generate_key("P-384", {"alg": "ES384", "kid": "backend-1"})
    folder = tmp_path_factory.mktemp("demo")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://localhost:{listener.getsockname()[1]}"
    stub = Stub(url, key)
    site = make_site(url, folder)
    site.backend_key_path.write_text(json.dumps(key.as_dict(private=True)))
    app = Starlette(routes=[*routes(site), *stub.routes()])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Running(url, site, stub)
    server.should_exit = True
    thread.join()


@pytest.fixture
def running(listening: Running) -> Running:
    """The server, with a stub that has heard nothing yet."""
    stub = listening.stub
    stub.calls.clear()
    stub.answers.clear()
    stub.launches.clear()
    stub.scope, stub.revoked = None, False
    return listening


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, running: Running) -> Iterator[BrowserContext]:
    """A fresh browser profile; the test fails when a page breaks its own policy or asks a third party."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    complaints: list[str] = []
    context.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    context.on("weberror", lambda e: complaints.append(str(e.error)))
    context.on(
        "request", lambda r: None if r.url.startswith(running.url) else complaints.append(f"asked {r.url}")
    )
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
