"""A FHIR server over HTTP: with the installation's credentials, bounded, and down when it is."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from assent.fhir.http import HttpUpstream, UpstreamSettings
from assent.fhir.upstream import UpstreamDown, UpstreamRequest


class Server:
    """A real HTTP server on loopback that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer = web.Response(text='{"resourceType":"Patient"}', content_type="application/fhir+json")
        self.delay = 0.0
        self.base = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        await asyncio.sleep(self.delay)
        return self.answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}/fhir"
    yield server
    await runner.cleanup()


@pytest.fixture
async def upstream(server: Server) -> AsyncIterator[HttpUpstream]:
    upstream = HttpUpstream(UpstreamSettings(server.base, {"Authorization": "Bearer our-own"}))
    yield upstream
    await upstream.close()


async def test_a_request_is_sent_as_it_is_with_the_installations_credentials(
    server: Server, upstream: HttpUpstream
) -> None:
    request = UpstreamRequest(
        "POST",
        "Patient/_search",
        [("name", "a&b c"), ("name", "é")],
        {"Authorization": "Bearer the-apps", "If-Match": 'W/"1"'},
        b"body",
    )
    answer = await upstream.send(request)
    ((method, path, headers, body),) = server.asked
    assert (method, body) == ("POST", b"body")
    assert path == "/fhir/Patient/_search?name=a%26b+c&name=%C3%A9"
    assert headers["Authorization"] == "Bearer our-own"
    assert headers["If-Match"] == 'W/"1"'
    assert (answer.status, answer.json()) == (200, {"resourceType": "Patient"})
    assert answer.headers["content-type"].startswith("application/fhir+json")


async def test_a_redirect_is_not_followed(server: Server, upstream: HttpUpstream) -> None:
    server.answer = web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})
    assert (await upstream.send(UpstreamRequest("GET", "Patient/1"))).status == 302


async def test_a_server_that_takes_too_long_is_down(server: Server) -> None:
    server.delay = 2
    upstream = HttpUpstream(UpstreamSettings(server.base, timeout_seconds=0.5))
    with pytest.raises(UpstreamDown):
        await upstream.send(UpstreamRequest("GET", "Patient/1"))
    await upstream.close()


async def test_nobody_listening_is_down() -> None:
    with socket.socket() as bound:  # bound, and deaf
        bound.bind(("127.0.0.1", 0))
        upstream = HttpUpstream(UpstreamSettings(f"http://127.0.0.1:{bound.getsockname()[1]}/fhir"))
        with pytest.raises(UpstreamDown):
            await upstream.send(UpstreamRequest("GET", "Patient/1"))
        await upstream.close()


async def test_credentials_never_show() -> None:
    assert "our-own" not in repr(UpstreamSettings("http://x", {"Authorization": "Bearer our-own"}))
