"""A FHIR server over HTTP: with the installation's credentials, bounded, and down when it is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from assent.fhir.http import HttpUpstream, UpstreamSettings
from assent.fhir.upstream import UpstreamDown, UpstreamRequest, UpstreamStream


class Server:
    """A real HTTP server on loopback that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer = web.Response(text='{"resourceType":"Patient"}', content_type="application/fhir+json")
        self.delay = 0.0
        self.base = ""
        self.handle_large: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        await asyncio.sleep(self.delay)
        if self.handle_large is not None:
            return await self.handle_large(request)
        return self.answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
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


class Large:
    """Answers with pieces, one after the other: `pieces` of 100 kB; `breaks` ends the connection amid them."""

    def __init__(self, pieces: int, *, breaks: bool = False, stalls: bool = False) -> None:
        self.pieces, self.breaks, self.stalls = pieces, breaks, stalls
        self.is_told_gone = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/fhir+ndjson"})
        await answer.prepare(request)
        try:
            for _ in range(self.pieces):
                await answer.write(b"x" * 100_000)
            if self.stalls:
                await asyncio.sleep(60)
            if self.breaks and request.transport is not None:
                request.transport.abort()
        except (ConnectionError, asyncio.CancelledError):
            self.is_told_gone.set()
            raise
        return answer


async def ask_for(server: Server, upstream: HttpUpstream, large: Large) -> UpstreamStream:
    server.handle_large = large.handle
    return await upstream.stream(
        UpstreamRequest("GET", "Binary/1", (), {"accept": "application/fhir+ndjson"})
    )


async def test_a_large_answer_is_read_as_it_comes(server: Server, upstream: HttpUpstream) -> None:
    found = await ask_for(server, upstream, Large(30))
    assert (found.status, found.headers["content-type"]) == (200, "application/fhir+ndjson")
    sizes = [len(chunk) async for chunk in found.chunks]
    assert sum(sizes) == 3_000_000
    assert max(sizes) <= 65_536
    await found.close()
    ((_, _, headers, _),) = server.asked
    assert headers["Authorization"] == "Bearer our-own"
    assert [value for name, value in headers.items() if name.lower() == "accept"] == [
        "application/fhir+ndjson"
    ]


async def test_a_large_answer_that_breaks_off_is_no_answer(server: Server, upstream: HttpUpstream) -> None:
    found = await ask_for(server, upstream, Large(3, breaks=True))
    with pytest.raises(UpstreamDown):
        async for _ in found.chunks:
            pass
    await found.close()


async def test_a_large_answer_that_pauses_too_long_is_no_answer(server: Server) -> None:
    upstream = HttpUpstream(UpstreamSettings(server.base, timeout_seconds=0.5))
    found = await ask_for(server, upstream, Large(1, stalls=True))
    with pytest.raises(UpstreamDown):
        async for _ in found.chunks:
            pass
    await found.close()
    await upstream.close()


async def test_who_stops_reading_ends_the_sending(server: Server, upstream: HttpUpstream) -> None:
    large = Large(100_000)
    found = await ask_for(server, upstream, large)
    async for _ in found.chunks:
        break
    await found.close()
    await asyncio.wait_for(large.is_told_gone.wait(), 30)


async def test_a_stream_from_nobody_is_down() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        upstream = HttpUpstream(UpstreamSettings(f"http://127.0.0.1:{bound.getsockname()[1]}/fhir"))
        with pytest.raises(UpstreamDown):
            await upstream.stream(UpstreamRequest("GET", "Binary/1"))
        await upstream.close()
