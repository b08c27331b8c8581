"""docs/quickstart.md, command by command, from an empty folder to a record read through the gateway."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp
from scripts.free_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quickstart.md"
STORE = """
import sys, uvicorn
from assent.demo.store.app import store_app
from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
port = int(sys.argv[1])
store = FhirStore(versions(), base_url=f"http://localhost:{port}/r4")
uvicorn.run(store_app(store, path="/r4"), host="127.0.0.1", port=port, log_level="error")
"""


@dataclass(frozen=True)
class Ports:
    """Where the reader's FHIR server and the reader's Assent listen."""

    fhir: int
    assent: int


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, "the server stopped"
        assert time.monotonic() < deadline, f"{url} does not answer"
        try:
            if httpx.get(url, timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)


@pytest.fixture
def ports() -> Iterator[Ports]:
    ports = Ports(free_port(), free_port())
    process = subprocess.Popen([sys.executable, "-c", STORE, str(ports.fhir)])
    wait_for(f"http://localhost:{ports.fhir}/r4/metadata", process)
    yield ports
    process.terminate()
    process.wait(60)


def commands(ports: Ports) -> list[str]:
    """The page's commands, with the reader's own FHIR server, patient, port and a password that is piped in."""
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    given = {
        "https://fhir.example/r4": f"http://localhost:{ports.fhir}/r4",
        "Patient/123": "Patient/amy",
        "assent init": f"assent init --public-url http://localhost:{ports.assent}",
        "assent user add": "echo a-long-password | assent user add --password-stdin",
    }
    lines = [line for block in blocks for line in block.splitlines()]
    for said, meant in given.items():
        lines = [line.replace(said, meant) for line in lines]
    return lines


async def test_a_stranger_gets_from_an_empty_folder_to_a_launched_app(ports: Ports, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    asked = commands(ports)
    before, after = asked[: asked.index("assent serve")], asked[asked.index("assent serve") + 1 :]
    assert after == ["assent doctor"]

    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(before)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "records"
    serving = subprocess.Popen(["assent", "serve"], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        origin = f"http://localhost:{ports.assent}"
        wait_for(f"{origin}/health/ready", serving)
        doctor = subprocess.run(
            ["assent", "doctor"], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr

        app = SmartApp(origin, f"{origin}/fhir", "heart", "http://localhost:8000/")
        browser = Browser(None, origin)
        await app.launch(browser, "openid fhirUser launch/patient offline_access patient/*.rs")
        await browser.sign_in("maria", "a-long-password")
        page = await browser.approve()
        async with httpx.AsyncClient(timeout=60) as client:
            token = (await app.redeem(client, page)).json()
            assert token["patient"] == "amy"
            bearer = {"Authorization": f"Bearer {token['access_token']}"}
            query = urlencode({"category": "vital-signs", "_count": "5"})
            found = await client.get(f"{origin}/fhir/Observation?{query}", headers=bearer)
            assert found.status_code == 200
            assert found.json()["entry"]
            other = await client.get(f"{origin}/fhir/Patient/chidi", headers=bearer)
            assert other.status_code == 404

            stopped = subprocess.run(["assent", "client", "disable", "heart"], cwd=folder, env=environment)
            assert stopped.returncode == 0
            refused = await client.get(f"{origin}/fhir/Patient/amy", headers=bearer)
            assert refused.status_code == 401
        await browser.close()
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
