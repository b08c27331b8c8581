"""A real FHIR server that is not ours: Medplum's router on Node, each test with an empty store of its own."""

import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "upstream" / "fhir_router.mjs"


@dataclass(frozen=True, slots=True)
class FhirRouter:
    """The running server: any number of stores that share nothing."""

    url: str

    def new_store(self) -> str:
        """The base URL of a new, empty store; PUT, POST or a posted Bundle fills it."""
        return f"{self.url}/{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def fhir_router() -> Iterator[FhirRouter]:
    """The server, started once; for fixtures that load a population once and share it."""
    command = [str(ROOT / "scripts" / "node.sh"), "node", str(PROGRAM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        said = server.stdout.readline().split()
        if said[:1] != ["listening"]:
            pytest.fail("the Node FHIR router did not start: run `make test`, or `make services` first")
        yield FhirRouter(f"http://127.0.0.1:{said[1]}")
        server.stdin.close()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture
def fhir_router_url(fhir_router: FhirRouter) -> str:
    """The base URL of an empty FHIR store of the test's own."""
    return fhir_router.new_store()
