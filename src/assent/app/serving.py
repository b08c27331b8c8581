"""Listening: one or several processes, each with a socket of its own on the same port, until a signal says stop.

A second server can silently share a port through SO_REUSEPORT, so the port is probed first. SIGTERM finishes what has
begun and exits 0 within ten seconds.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from assent.app.http import build_app
from assent.app.installation import Installation, open_installation
from assent.app.observation import configure_logs
from assent.app.settings import ServerSettings, Settings
from assent.app.tasks import periodic_work
from assent.fhir.upstream import Upstream

GRACE_SECONDS: Final = 8


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
    server = settings.server
    probe(server.host, server.port)
    extra = additions or Additions()
    children = [_fork(settings, folder, extra) for _ in range(server.workers - 1)]
    try:
        uvloop.run(_serve_one(settings, folder, extra))
    finally:
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            os.waitpid(child, 0)


def _fork(settings: Settings, folder: Path, additions: Additions) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        uvloop.run(_serve_one(settings, folder, Additions(additions.upstream, additions.routes)))
        code = 0
    finally:
        os._exit(code)


async def _serve_one(settings: Settings, folder: Path, additions: Additions) -> None:
    log = configure_logs(settings.server.log_format, settings.server.log_level)
    async with open_installation(settings, folder, upstream=additions.upstream) as installation:
        app = build_app(installation, log, additions.routes(installation))

        def when_ready() -> None:
            where = settings.server
            log.info("listening", host=where.host, port=where.port, public_url=where.public_url)
            additions.when_ready()

        server = _Server(_uvicorn_config(app, settings.server), when_ready)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, server)
        work = asyncio.create_task(periodic_work(installation, log))
        try:
            await server.serve(sockets=[_socket(settings.server)])
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def _stop(server: uvicorn.Server) -> None:
    if server.should_exit:
        server.force_exit = True  # a second signal does not wait for answers
    server.should_exit = True


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
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        h11_max_incomplete_event_size=64 * 1024,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
