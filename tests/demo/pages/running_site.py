"""The demo's pages, listening on a free port of localhost, with a stub of the servers they speak to."""

import itertools
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from stub_server import Stub

from assent.demo.pages.routes import routes
from assent.demo.pages.site import DemoSite, EncounterChoice, PatientChoice
from assent.testing.serving import listen, serving
from assent.web.headers import SecurityHeaders
from assent.web.static import StaticFiles, read_static_files

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


@contextmanager
def run_site(folder: Path) -> Iterator[Running]:
    """A server in a thread of its own, until the context ends."""
    key = ECKey.generate_key("P-384", {"alg": "ES384", "kid": "backend-1"})
    listener = listen()
    url = f"http://localhost:{listener.getsockname()[1]}"
    stub = Stub(url, key)
    site = make_site(url, folder)
    site.backend_key_path.write_text(json.dumps(key.as_dict(private=True)))
    static = StaticFiles(read_static_files())
    app = Starlette(
        routes=[*routes(site), *stub.routes(), Route("/static/{name}", static.respond)],
        middleware=[Middleware(SecurityHeaders, random=os.urandom, https=False)],
    )
    with serving(app, listener):
        yield Running(url, site, stub)
