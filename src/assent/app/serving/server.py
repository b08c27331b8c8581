"""Listening: one or several processes, each with a socket of its own on the same port, until a signal says stop.

A second server can silently share a port through SO_REUSEPORT, so the port is probed first. SIGTERM finishes what has
begun and exits 0 within ten seconds.
"""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from assent.app.installation import Installation, open_installation
from assent.app.observation import configure_logs
from assent.app.outbound.mail import SmtpPost
from assent.app.serving.http import build_app, build_gateway_app
from assent.app.serving.tasks import periodic_work, work_beside_pages
from assent.app.serving.workers import leave, supervise
from assent.app.settings import ServerSettings, Settings
from assent.fhir.upstream import Upstream
from assent.web.log import Log
from assent.web.peers import NotedPeers

GRACE_SECONDS: Final = 8
_COLLECTED_AFTER: Final = 20_000
"""How many more objects are made than freed before the garbage collector runs."""

BuildApp = Callable[[Installation, Log], ASGIApp]
Work = Callable[[Installation, Log], Coroutine[None, None, None]]


class PortTaken(Exception):
    """Somebody listens there already."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What the demo adds: its own FHIR server and its own pages, made once the installation is open."""

    upstream: Upstream | None = None
    routes: Callable[[Installation], tuple[BaseRoute, ...]] = lambda _installation: ()
    when_ready: Callable[[], None] = lambda: None


class _Server(uvicorn.Server):
    """uvicorn, with the signals left to us: it would raise them again after it has stopped."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def probe(host: str, port: int) -> None:
    """Raises `PortTaken` when somebody listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probing:
        probing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probing.bind((host, port))
        except OSError as error:
            raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error


def serve(settings: Settings, folder: Path, additions: Additions | None = None) -> None:
    """Serves until SIGTERM or SIGINT. Raises `PortTaken`, `InstallationError`, `StorageError`."""
    extra = additions or Additions()
    _run(settings, lambda: _serve_one(settings, folder, extra, partial(_whole_app, extra), work_beside_pages))


def serve_gateway(settings: Settings, folder: Path) -> None:
    """Serves the gateway alone. Raises as `serve` does."""
    _run(settings, lambda: _serve_one(settings, folder, Additions(), build_gateway_app, periodic_work))


def _whole_app(additions: Additions, installation: Installation, log: Log) -> ASGIApp:
    return build_app(installation, log, additions.routes(installation))


def _run(settings: Settings, one: Callable[[], Coroutine[None, None, None]]) -> None:
    server = settings.server
    probe(server.host, server.port)
    if server.workers > 1:
        supervise(server.workers, lambda: uvloop.run(one()))
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)  # until the loop listens to them: there is nothing to finish yet
    uvloop.run(one())


async def _serve_one(
    settings: Settings, folder: Path, additions: Additions, build: BuildApp, work: Work
) -> None:
    log = configure_logs(settings.server.log_format, settings.server.log_level)
    async with open_installation(settings, folder, upstream=additions.upstream) as installation:
        app = build(installation, log)

        def when_ready() -> None:
            where = settings.server
            log.info("listening", host=where.host, port=where.port, public_url=where.public_url)
            additions.when_ready()

        if settings.server.trusted_proxies:
            app = NotedPeers(app, settings.server.trusted_proxies)
        server = _Server(_uvicorn_config(app, settings.server), when_ready)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, server, number, set[int](), installation.post)
        working = asyncio.create_task(work(installation, log))
        _collect_seldom()
        try:
            await server.serve(sockets=[_socket(settings.server)])
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def _collect_seldom() -> None:
    """Tells the garbage collector what requests are like: little of what they make refers to itself.

    What was loaded by now stays, and is not looked at again. By default the collector would run for the sake of
    what some dozens of requests hold at the same time.
    """
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 10, 10)


def _stop(server: uvicorn.Server, number: int, received: set[int], post: SmtpPost | None) -> None:
    """Finishes what has begun. The same signal once more does not wait; a terminal's and a supervisor's are two."""
    if post is not None:
        post.hurry()
    server.force_exit = server.force_exit or number in received
    server.should_exit = True
    received.add(number)


def _socket(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if settings.workers > 1:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}") from error
    listening.set_inheritable(True)
    return listening


def _uvicorn_config(app: ASGIApp, settings: ServerSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,  # `NotedPeers` reads them
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        h11_max_incomplete_event_size=64 * 1024,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
