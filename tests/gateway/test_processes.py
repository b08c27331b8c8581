"""`assent gateway` in a process of its own, beside `assent serve`: one database, and each sees what the other does."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from e2e.processes import ServerProcess, run_assent
from gateway.behind import OddServer, resource, run_odd_server
from scripts.free_ports import free_port
from services.postgres import new_database

SECRET = "a-secret-of-at-least-32-characters"
SEEN_SECONDS = 60.0
AUTH = ("nightly", SECRET)
CLIENT = {
    "client_id": "nightly",
    "client_name": "Nightly",
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["client_credentials"],
    "response_types": [],
    "secrets": [{"description": "one", "secret": SECRET}],
    "scope": ["system/*.rs"],
    "permissions": [{"permission": "FHIR_ALL_READ"}],
}


@dataclass(frozen=True)
class Apart:
    """`issuer`: where tokens are given. `gateway`: where the FHIR base is. `behind`: the FHIR server."""

    config: Path
    issuer: ServerProcess
    gateway: ServerProcess
    behind: OddServer

    async def token(self, http: httpx.AsyncClient) -> str:
        """An access token of a client on its own."""
        form = {"grant_type": "client_credentials"}
        answer = await http.post(f"{self.issuer.url}/oauth/token", data=form, auth=AUTH)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def read(self, http: httpx.AsyncClient, token: str) -> int:
        """The status of a read at the gateway."""
        url = f"{self.gateway.url}/fhir/Patient/amy"
        return (await http.get(url, headers={"Authorization": f"Bearer {token}"})).status_code

    async def command(self, *arguments: str) -> None:
        """A command on the installation, from a third process."""
        await asyncio.to_thread(run_assent, self.config, *arguments)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def apart(request, tmp_path_factory) -> AsyncIterator[Apart]:
    """Both processes, and a FHIR server with one patient that wants a token of ours."""
    folder = tmp_path_factory.mktemp("apart")
    config, ports = folder / "assent.toml", (free_port(), free_port())
    async with AsyncExitStack() as stack:
        behind = await stack.enter_async_context(run_odd_server())
        behind.answers["Patient/amy"] = resource({"resourceType": "Patient", "id": "amy"})
        database = "sqlite:///assent.db"
        if request.param == "postgres":
            database = stack.enter_context(new_database(request.getfixturevalue("postgres_server")))
        issuer = ServerProcess(["--config", str(config), "serve"], ports[0], folder / "serve.log")
        arguments = ["--config", str(config), "gateway", "--port", str(ports[1])]
        gateway = ServerProcess(arguments, ports[1], folder / "gateway.log")
        address = ("--public-url", issuer.url, "--database", database, "--fhir", behind.base)
        await asyncio.to_thread(run_assent, config, "init", *address)
        fhir = f'[fhir]\nbase = "{gateway.url}/fhir"\ngateway = false\nauth = "bearer"\n'
        config.write_text(config.read_text().replace("[fhir]\n", fhir))
        clients = folder / "clients.json"
        clients.write_text(json.dumps({"clients": [CLIENT]}))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("ASSENT_FHIR_TOKEN", "our-own")
            await asyncio.to_thread(run_assent, config, "client", "import", str(clients))
            for process in (issuer, gateway):
                stack.callback(process.kill)
                await asyncio.to_thread(process.start)
            yield Apart(config, issuer, gateway, behind)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A program's connections."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


async def becomes(expected: int, question: Callable[[], Awaitable[int]]) -> None:
    """Fails unless the answer is the expected one within a second."""
    deadline = time.monotonic() + SEEN_SECONDS
    while (found := await question()) != expected:
        assert time.monotonic() < deadline, f"still {found} after a second"
        await asyncio.sleep(0.05)


async def test_a_token_of_the_one_is_good_at_the_other(apart, http):
    assert await apart.read(http, await apart.token(http)) == 200
    _, _, headers, _ = apart.behind.asked[-1]
    assert headers["authorization"] == "Bearer our-own"


async def test_a_token_that_is_revoked_at_the_one_is_dead_at_the_other(apart, http):
    token = await apart.token(http)
    assert await apart.read(http, token) == 200
    answer = await http.post(f"{apart.issuer.url}/oauth/token/revoke", data={"token": token}, auth=AUTH)
    assert answer.status_code == 200
    await becomes(401, lambda: apart.read(http, token))


async def test_a_client_that_a_command_switches_off_is_refused_by_the_gateway(apart, http):
    token = await apart.token(http)
    assert await apart.read(http, token) == 200
    await apart.command("client", "disable", "nightly")
    try:
        await becomes(401, lambda: apart.read(http, token))
    finally:
        await apart.command("client", "enable", "nightly")
    await becomes(200, lambda: apart.read(http, token))


async def test_a_key_that_a_command_rotates_is_known_to_the_gateway(apart, http):
    old = await apart.token(http)
    await apart.command("key", "rotate")

    async def read_anew() -> int:
        return await apart.read(http, await apart.token(http))

    await becomes(200, read_anew)
    assert await apart.read(http, old) == 200


async def test_each_serves_what_is_its_own_and_nothing_of_the_other(apart, http):
    gateway, issuer = apart.gateway.url, apart.issuer.url
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert (await http.get(gateway + path)).status_code == 200
    for path in (
        "/oauth/authorize",
        "/login",
        "/.well-known/openid-configuration",
        "/admin",
        "/",
        "/oauth/token",
    ):
        assert (await http.get(gateway + path)).status_code == 404, path
    assert (await http.post(f"{gateway}/oauth/token", data={})).status_code == 404
    for path in ("/fhir/metadata", "/fhir/Patient/amy", "/fhir"):
        assert (await http.get(issuer + path)).status_code == 404, path


@pytest.mark.row("D1", "D3")
async def test_the_gateway_describes_the_authorization_server(apart, http):
    document = (await http.get(f"{apart.gateway.url}/fhir/.well-known/smart-configuration")).json()
    assert document == (await http.get(f"{apart.issuer.url}/.well-known/smart-configuration")).json()
    assert document["token_endpoint"] == f"{apart.issuer.url}/oauth/token"
    statement = (await http.get(f"{apart.gateway.url}/fhir/metadata")).json()
    assert statement["implementation"]["url"] == f"{apart.gateway.url}/fhir"


async def test_the_gateway_stops_when_it_is_told_to(apart):
    assert await asyncio.to_thread(apart.gateway.stop) == 0
