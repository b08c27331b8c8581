"""Servers under test: how one is prepared and started. Each is a file beside this one.

All serve the same paths (`/oauth/token`, `/oauth/authorize`, …) to the same clients (`benchmarks.cast`), sign access
and ID tokens with RS256, and run as one process.
"""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from benchmarks.cast import Cast
from benchmarks.machine import Processors

DISCOVERY = "/.well-known/openid-configuration"
_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Prepared:
    """A server that can be started. `cookie` is the Cookie header of a browser in which the person is signed in.

    `introspected` is the kind of token whose introspection is measured.
    """

    name: str
    port: int
    command: tuple[str, ...]
    cookie: str
    introspected: Literal["access_token", "refresh_token"]
    environment: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """Its own URL."""
        return f"http://127.0.0.1:{self.port}"


class Peer(Protocol):
    """A server under test."""

    @property
    def name(self) -> str:
        """What it is called in the report."""
        ...

    async def prepare(self, folder: Path, port: int, database: str, cast: Cast) -> Prepared:
        """Sets it up in an empty folder; `database` is the DSN of an empty PostgreSQL database, its alone."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    """A started server. `start_seconds`: from the start of its process to the first answer."""

    prepared: Prepared
    process_id: int
    start_seconds: float


@contextmanager
def running(prepared: Prepared, folder: Path, processors: Processors) -> Iterator[Running]:
    """Starts a server on its processor and stops it in the end. Raises `RuntimeError` when it does not answer."""
    with (folder / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            prepared.command,
            env=os.environ | prepared.environment,
            stdout=log,
            stderr=log,
            preexec_fn=processors.pin_server,
        )
        try:
            _wait(prepared, process, folder)
            yield Running(prepared, process.pid, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(prepared: Prepared, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    give_up_at = time.perf_counter() + _START_SECONDS
    while process.poll() is None and time.perf_counter() < give_up_at:
        try:
            if ask(prepared, "GET", DISCOVERY).status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"{prepared.name} did not start:\n{(folder / 'log').read_text()[-3000:]}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    location: str
    body: bytes


def ask(prepared: Prepared, method: str, path: str, body: str = "", **headers: str) -> Answer:
    """One request, outside of what is measured. Raises `OSError`."""
    connection = http.client.HTTPConnection("127.0.0.1", prepared.port, timeout=20)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        connection.request(method, path, body, form | headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers.get("location", ""), response.read())
    finally:
        connection.close()
