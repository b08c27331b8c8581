"""Serving on a real port: what a signal ends and what it does not, whose address counts, and a port that is taken."""

import asyncio
import json
import signal
import socket
import ssl
import sys
import warnings
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assent.app.serving.server import PortTaken, serve
from assent.app.settings import ServerSettings, Settings
from assent.testing.application import open_application
from assent.testing.browser import read_forms
from assent.testing.smart_app import SmartApp
from scripts.free_ports import free_port

SCRIPT = """
import json, sys
from pathlib import Path
from assent.app.serving.server import serve
from assent.app.settings import DatabaseSettings, FhirSettings, ServerSettings, Settings
given = json.loads(sys.argv[1])
settings = Settings(
    server=ServerSettings(log_format="json", **given["server"]),
    database=DatabaseSettings("sqlite:///assent.db"),
    fhir=FhirSettings(**given["fhir"]),
)
serve(settings, Path(given["folder"]))
"""
SECONDS = 60.0  # of a busy machine
Serve = Callable[..., Coroutine[Any, Any, "Running"]]


@dataclass
class Running:
    """A serving process."""

    process: Process
    url: str

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal; gives the exit status. Raises TimeoutError after a minute."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), SECONDS)


@pytest.fixture
async def start(installation_template: Path, tmp_path: Path) -> AsyncIterator[Serve]:
    """Starts `serve` on a free port over a folder with the client `app`, and Jonas; waits until it listens."""
    folder = tmp_path / "serving"
    folder.mkdir()
    async with AsyncExitStack() as stack:

        async def start_(*, fhir: dict[str, Any] | None = None, **server: Any) -> Running:
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            async with open_application(installation_template, folder) as application:
                await application.add_client()
                await application.add_jonas()
            given = {
                "folder": str(folder),
                "server": {"public_url": url, "port": port, **server},
                "fhir": fhir or {},
            }
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", SCRIPT, json.dumps(given), stderr=PIPE
            )
            stack.push_async_callback(_end, process)
            await asyncio.wait_for(_listening(process, server.get("workers", 1)), SECONDS)
            return Running(process, url)

        yield start_


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()  # to the end of its log, so that the pipe is closed


async def _listening(process: Process, workers: int) -> None:
    assert process.stderr is not None
    lines: list[str] = []
    while [json.loads(line)["event"] for line in lines].count("listening") < workers:
        line = (await process.stderr.readline()).decode()
        assert line, "".join(lines)
        lines.append(line)


async def test_sigterm_answers_what_has_begun_and_exits_0(start: Serve) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.StreamResponse:
        asked.set()
        await go_on.wait()
        return web.json_response({"resourceType": "Person", "id": "jonas"})

    fhir = web.Application()
    fhir.router.add_get("/{rest:.*}", slow)
    runner = web.AppRunner(fhir)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running = await start(fhir={"upstream": f"http://127.0.0.1:{runner.addresses[0][1]}"})
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        login = await http.get("/oauth/authorize", params=authorize(running.url), follow_redirects=True)
        (form,) = read_forms(login.text)
        fields = dict(form.filled("submit", username="jonas", password="demo"))
        signing_in = asyncio.create_task(http.post(str(login.url), data=fields))
        await asyncio.wait_for(asked.wait(), SECONDS)
        running.process.send_signal(signal.SIGTERM)
        async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as other:
            await refused(other)
        go_on.set()
        answer = await signing_in
    assert answer.status_code == 303
    assert await asyncio.wait_for(running.process.wait(), SECONDS) == 0
    await runner.cleanup()


def authorize(url: str) -> list[tuple[str, str]]:
    app = SmartApp(url, f"{url}/fhir", "app", "https://app.example/done")
    return app.parameters("openid launch/patient patient/*.rs")


async def refused(http: httpx.AsyncClient) -> None:
    """Waits until new connections are refused."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await http.get("/health/live")
            except httpx.TransportError:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_server_stops_at_once_though_connections_are_open(start: Serve, number: int) -> None:
    running = await start()
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        assert (await http.get("/health/live")).json() == {"status": "ok"}
        assert await running.stop(number) == 0


async def test_several_processes_share_the_port_and_stop_together(start: Serve) -> None:
    running = await start(workers=2)
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        assert (await http.get("/health/ready")).status_code == 200
    assert await running.stop() == 0
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("/health/live")


def test_a_port_that_is_taken_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"127\.0\.0\.1 port {port}"):
            serve(Settings(server=ServerSettings(port=port, workers=2)), tmp_path)


# `/metrics` is for loopback only, so it tells whose address is believed.


async def test_a_forwarded_address_counts_for_nothing_from_just_anybody(start: Serve) -> None:
    running = await start()
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        forged = {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
            "Forwarded": "for=203.0.113.9",
        }
        assert (await http.get("/metrics", headers=forged)).status_code == 200
    await running.stop()


@pytest.mark.parametrize("trusted", ["127.0.0.1", "127.0.0.0/8"])
async def test_a_forwarded_address_counts_from_a_trusted_proxy(start: Serve, trusted: str) -> None:
    running = await start(trusted_proxies=[trusted])
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        for address, status in (
            ("203.0.113.9", 403),
            ("127.0.0.9, 203.0.113.9", 403),
            ("not an address", 403),
        ):
            answer = await http.get("/metrics", headers={"X-Forwarded-For": address})
            assert answer.status_code == status
        assert (await http.get("/metrics")).status_code == 200
    await running.stop()


async def test_no_url_is_made_from_the_requests_host(start: Serve) -> None:
    running = await start(trusted_proxies=["127.0.0.1"])
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    async with httpx.AsyncClient(base_url=running.url, timeout=SECONDS) as http:
        for path in ("/.well-known/smart-configuration", "/oauth/revoke", "/login", "/login/", "/nothing"):
            answer = await http.get(path, headers=headers)
            assert "evil.example" not in answer.text + str(answer.headers)
    await running.stop()


@pytest.mark.row("K15")
async def test_tls_is_version_1_2_or_newer(start: Serve, tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(certificate, key)
    running = await start(
        tls_certificate=str(certificate), tls_key=str(key), public_url="https://localhost:9200"
    )
    port = int(running.url.rpartition(":")[2])
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        await asyncio.to_thread(shake_hands, port, certificate, version)
    with pytest.raises(ssl.SSLError, match=r"EOF|ALERT"):  # the server ends it, not we
        await asyncio.to_thread(shake_hands, port, certificate, ssl.TLSVersion.TLSv1_1)
    await running.stop()


def shake_hands(port: int, certificate: Path, version: ssl.TLSVersion) -> None:
    """Connects with just this version, however old."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1"),
    ):
        pass


def write_certificate(certificate: Path, key: Path) -> None:
    """A certificate for 127.0.0.1 that signs itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
