"""Fetching what clients point to: from whom, how much, how long."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from assent.app.outbound.fetch import MAX_BYTES, OutboundFetch, keep_seconds
from assent.app.settings import OutboundSettings
from assent.engine.server import Answered, Fetched, FetchFailed, Outgoing

JSON = "application/json"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def host() -> AsyncIterator[tuple[str, dict[str, Handler], list[web.Request]]]:
    """A real server on loopback: its URL, its pages by path, and what it was asked."""
    pages: dict[str, Handler] = {}
    asked: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return await pages[request.path](request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", pages, asked
    await runner.cleanup()


async def fetched(url: str, *, is_loopback: bool = True, settings: OutboundSettings | None = None) -> Fetched:
    fetch = OutboundFetch(settings or OutboundSettings(), is_loopback=is_loopback)
    try:
        return await fetch(url, JSON)
    finally:
        await fetch.close()


def answering(**given: Any) -> Handler:
    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(**given)

    return page


@pytest.mark.row("K12")
async def test_a_document_is_fetched_and_asked_for_by_its_type(host: Any) -> None:
    url, pages, asked = host
    pages["/jwks"] = answering(text='{"keys":[]}', headers={"Cache-Control": "max-age=60"})
    assert await fetched(f"{url}/jwks") == Fetched(b'{"keys":[]}', 60)
    assert asked[0].headers["Accept"] == JSON
    assert "Cookie" not in asked[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(host: Any, status: int) -> None:
    url, pages, asked = host
    pages["/jwks"] = answering(status=status, headers={"Location": f"{url}/elsewhere"})
    with pytest.raises(FetchFailed, match=str(status)):
        await fetched(f"{url}/jwks")
    assert [request.path for request in asked] == ["/jwks"]


@pytest.mark.parametrize("status", [204, 400, 401, 404, 500])
async def test_only_200_is_a_document(host: Any, status: int) -> None:
    url, pages, _ = host
    pages["/jwks"] = answering(status=status)
    with pytest.raises(FetchFailed):
        await fetched(f"{url}/jwks")


async def test_64_kilobytes_are_taken_and_no_more(host: Any) -> None:
    url, pages, _ = host
    pages["/fits"] = answering(body=b"x" * MAX_BYTES)
    pages["/long"] = answering(body=b"x" * (MAX_BYTES + 1))
    assert len((await fetched(f"{url}/fits")).body) == MAX_BYTES
    with pytest.raises(FetchFailed, match="64 kB"):
        await fetched(f"{url}/long")


async def test_a_document_without_end_is_left_off(host: Any) -> None:
    url, pages, _ = host
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2000):
            await response.write(b"x" * 65536)
            sent += 1
        return response

    pages["/endless"] = endless
    with pytest.raises(FetchFailed, match="64 kB"):
        await fetched(f"{url}/endless")
    assert sent < 2000


async def test_a_small_document_that_unpacks_to_a_large_one_is_large(host: Any) -> None:
    url, pages, _ = host

    async def bomb(_request: web.Request) -> web.StreamResponse:
        response = web.Response(body=b"\0" * (1024 * 1024))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    pages["/bomb"] = bomb
    with pytest.raises(FetchFailed, match="64 kB"):
        await fetched(f"{url}/bomb")


async def test_a_server_that_dawdles_is_left(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.app.outbound.fetch.TIMEOUT_SECONDS", 0.2)
    url, pages, _ = host

    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.Response()

    pages["/slow"] = slow
    with pytest.raises(FetchFailed, match="timed out"):
        await fetched(f"{url}/slow")


async def test_nobody_listening_is_a_failure() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailed):
            await fetched(f"http://127.0.0.1:{bound.getsockname()[1]}/")


@pytest.mark.row("K1")
@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example/jwks",
        "ftp://keys.example/jwks",
        "file:///etc/passwd",
        "https://user:secret@keys.example/jwks",
        "https:///jwks",
        "jwks",
        "",
    ],
)
async def test_only_https_is_fetched_from(url: str) -> None:
    with pytest.raises(FetchFailed):
        await fetched(url, is_loopback=False)


@pytest.mark.parametrize("is_loopback", [True, False])
async def test_plain_http_is_for_an_installation_on_loopback_or_by_a_setting(
    host: Any, is_loopback: bool
) -> None:
    url, pages, _ = host
    pages["/jwks"] = answering(text="{}")
    allowed = OutboundSettings(allow_http=not is_loopback, allow_private=not is_loopback)
    assert (await fetched(f"{url}/jwks", is_loopback=is_loopback, settings=allowed)).body == b"{}"


# --- private addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "literal",
    ["127.0.0.1", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "[64:ff9b::7f00:1]"],
)
async def test_an_address_in_the_url_is_checked(literal: str) -> None:
    with pytest.raises(FetchFailed, match="private"):
        await fetched(f"https://{literal}/jwks", is_loopback=False)


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost."])
async def test_a_name_that_leads_inside_is_refused_however_it_is_written(host: Any, name: str) -> None:
    url, _, asked = host
    port = url.rpartition(":")[2]
    inside = OutboundSettings(allow_http=True)
    with pytest.raises(FetchFailed):
        await fetched(f"http://{name}:{port}/jwks", is_loopback=False, settings=inside)
    assert asked == []


async def test_the_address_that_is_connected_to_is_the_one_that_was_checked(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads outside when it is asked first and inside when it is asked again gains nothing."""
    url, pages, asked = host
    pages["/jwks"] = answering(text="{}")
    port = int(url.rpartition(":")[2])
    answers = iter(["93.184.216.34", "127.0.0.1"])

    async def resolve(
        self: ThreadedResolver, name: str, port: int = 0, family: Any = socket.AF_INET
    ) -> list[ResolveResult]:
        address = next(answers)
        return [ResolveResult(hostname=name, host=address, port=port, family=family, proto=0, flags=0)]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    monkeypatch.setattr("assent.app.outbound.fetch.TIMEOUT_SECONDS", 0.3)
    fetch = OutboundFetch(OutboundSettings(allow_http=True), is_loopback=False)
    for _ in range(2):  # the first finds nobody outside, the second may not go inside
        with pytest.raises(FetchFailed):
            await fetch(f"http://changes.example:{port}/jwks", JSON)
    await fetch.close()
    assert asked == []


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::1"]])
async def test_one_private_address_among_a_names_is_enough_to_refuse_it(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    async def resolve(
        self: ThreadedResolver, name: str, port: int = 0, family: Any = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=name, host=one, port=port, family=family, proto=0, flags=0)
            for one in addresses
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    with pytest.raises(FetchFailed, match="private"):
        await fetched("https://inside.example/jwks", is_loopback=False)


async def test_a_setting_opens_the_network_inside(host: Any) -> None:
    url, pages, _ = host
    pages["/jwks"] = answering(text="{}")
    inside = OutboundSettings(allow_private=True, allow_http=True)
    assert (await fetched(f"{url}/jwks", is_loopback=False, settings=inside)).body == b"{}"


@pytest.mark.row("K13")
@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        (None, 300),
        ("", 300),
        ("public", 300),
        ("max-age=60", 60),
        ("public, max-age=60, immutable", 60),
        ("Max-Age=60", 60),
        ('max-age="60"', 60),
        ("s-maxage=60", 300),
        ("max-age=0", 0),
        ("no-store", 0),
        ("no-cache, max-age=60", 0),
        ("max-age=-1", 300),
    ],
)
def test_how_long_a_document_may_be_kept(cache_control: str | None, seconds: int) -> None:
    assert keep_seconds(cache_control) == seconds


# --- asking a party with credentials ---------------------------------------------------------------------------------


async def sent(
    request: Outgoing, *, is_loopback: bool = True, settings: OutboundSettings | None = None
) -> Answered:
    fetch = OutboundFetch(settings or OutboundSettings(), is_loopback=is_loopback)
    try:
        return await fetch.send(request)
    finally:
        await fetch.close()


async def test_a_form_is_posted_with_its_credentials(host: Any) -> None:
    url, pages, asked = host
    forms: list[dict[str, Any]] = []

    async def token(request: web.Request) -> web.StreamResponse:
        forms.append(dict(await request.post()))
        return web.json_response({"a": 1}, status=400)

    pages["/token"] = token
    answer = await sent(Outgoing(f"{url}/token", {"code": "c&d=e"}, "Basic eA=="))
    assert answer == Answered(400, "application/json", b'{"a": 1}')
    assert forms == [{"code": "c&d=e"}]
    assert asked[0].method == "POST"
    assert asked[0].headers["Authorization"] == "Basic eA=="
    assert asked[0].content_type == "application/x-www-form-urlencoded"


async def test_without_a_form_it_is_asked_for(host: Any) -> None:
    url, pages, asked = host
    pages["/userinfo"] = answering(text="{}", content_type="application/json")
    await sent(Outgoing(f"{url}/userinfo", authorization="Bearer x"))
    assert (asked[0].method, asked[0].headers["Accept"]) == ("GET", JSON)


async def test_credentials_do_not_follow_a_redirect(host: Any) -> None:
    url, pages, asked = host
    pages["/token"] = answering(status=307, headers={"Location": f"{url}/elsewhere"})
    assert (await sent(Outgoing(f"{url}/token", {"code": "c"}))).status == 307
    assert [request.path for request in asked] == ["/token"]


async def test_an_answer_has_64_kilobytes_at_most(host: Any) -> None:
    url, pages, _ = host
    pages["/long"] = answering(body=b"x" * (MAX_BYTES + 1))
    with pytest.raises(FetchFailed, match="64 kB"):
        await sent(Outgoing(f"{url}/long"))


@pytest.mark.parametrize(
    "url",
    ["http://id.example/token", "https://10.0.0.1/token", "https://[::1]/token", "https://u@id.example/"],
)
async def test_nobody_is_asked_where_nothing_may_be_fetched_from(url: str) -> None:
    with pytest.raises(FetchFailed):
        await sent(Outgoing(url, {"client_secret": "x"}), is_loopback=False)


async def test_what_is_secret_does_not_show() -> None:
    assert "hush" not in repr(Outgoing("https://id.example", {"client_secret": "hush"}, "Bearer hush"))
    assert "hush" not in repr(Answered(200, JSON, b"hush"))
