"""Key sets behind a URL: kept as long as they say, refetched for an unknown kid once a minute, joined."""

import asyncio
from typing import Any

import msgspec
import pytest

from assent.engine.remote_keys import RETRY_SECONDS, NoKeys, RemoteKeys
from assent.engine.server import Fetched
from assent.testing.server import TestServer

URL = "https://backend.example/jwks.json"


def publish(served: TestServer, max_age_seconds: int, *kids: str) -> None:
    document = {"keys": [{"kid": kid, "kty": "EC"} for kid in kids]}
    served.web.documents[URL] = Fetched(msgspec.json.encode(document), max_age_seconds)


async def kids_of(served: TestServer, keys: RemoteKeys, kid: str) -> list[str]:
    return [key["kid"] for key in await keys.get(served.server, URL, kid)]


@pytest.mark.row("K12", "K13")
async def test_a_set_is_kept_as_long_as_it_says_and_no_longer(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 10, "a")
    for _ in range(3):
        assert await kids_of(served, keys, "a") == ["a"]
    assert served.web.asked == [(URL, "application/json")]
    served.clock.advance(10)
    await kids_of(served, keys, "a")
    assert len(served.web.asked) == 2


@pytest.mark.row("K13")
async def test_a_set_that_says_so_is_not_kept(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 0, "a")
    for _ in range(3):
        await kids_of(served, keys, "a")
        served.clock.advance(0.1)
    assert len(served.web.asked) == 3


@pytest.mark.row("K13")
async def test_a_set_is_never_kept_longer_than_the_setting(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 86400, "a")
    await kids_of(served, keys, "a")
    served.clock.advance(served.server.settings.jwks_cache_seconds)
    await kids_of(served, keys, "a")
    assert len(served.web.asked) == 2


async def test_an_unknown_kid_is_looked_for_at_most_once_a_minute(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 300, "a")
    await kids_of(served, keys, "a")
    publish(served, 300, "b")
    served.clock.advance(59)
    with pytest.raises(NoKeys, match="has this kid"):
        await kids_of(served, keys, "b")
    assert await kids_of(served, keys, "a") == ["a"]
    served.clock.advance(1)
    assert await kids_of(served, keys, "b") == ["b"]
    with pytest.raises(NoKeys):
        await kids_of(served, keys, "c")
    assert len(served.web.asked) == 2


@pytest.mark.row("K13")
@pytest.mark.parametrize("max_age_seconds", [0, 10])
async def test_an_unknown_kid_makes_no_fetch_of_a_set_that_is_not_kept(
    served: TestServer, max_age_seconds: int
) -> None:
    keys = RemoteKeys()
    publish(served, max_age_seconds, "a")
    assert await kids_of(served, keys, "a") == ["a"]
    for second in range(59):
        served.clock.advance(1)
        with pytest.raises(NoKeys):
            await kids_of(served, keys, f"unknown {second}")
    assert len(served.web.asked) == 1
    publish(served, max_age_seconds, "b")
    assert await kids_of(served, keys, "a") == ["b"]  # a known kid: fetched, as the keys were not kept
    assert len(served.web.asked) == 2


async def test_a_failed_fetch_takes_nothing_from_the_set_that_is_kept(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 300, "a")
    await kids_of(served, keys, "a")
    served.clock.advance(60)
    del served.web.documents[URL]
    with pytest.raises(NoKeys, match="answered 404"):
        await kids_of(served, keys, "b")
    assert await kids_of(served, keys, "a") == ["a"]


async def test_many_who_ask_at_once_share_one_fetch(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 0, "a")
    answers = await asyncio.gather(*(kids_of(served, keys, "a") for _ in range(20)))
    assert answers == [["a"]] * 20
    assert len(served.web.asked) == 1


@pytest.mark.row("K14")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"no json", "the JWKS is no JSON"),
        (b"[]", "the JWKS has no list of keys"),
        (b"{}", "the JWKS has no list of keys"),
        (b'{"keys": {}}', "the JWKS has no list of keys"),
        (b"[" * 60_000, "the JWKS is no JSON"),
        (b"\xff", "the JWKS is no JSON"),
    ],
)
async def test_what_is_no_key_set_says_why(served: TestServer, body: bytes, words: str) -> None:
    served.web.documents[URL] = Fetched(body, 60)
    with pytest.raises(NoKeys, match=words):
        await RemoteKeys().get(served.server, URL, "a")


async def test_an_unreachable_set_says_why_and_is_tried_again_some_seconds_later(served: TestServer) -> None:
    keys = RemoteKeys()
    for number in range(10):
        with pytest.raises(NoKeys, match="answered 404"):
            await keys.get(served.server, URL, f"kid {number}")
    assert len(served.web.asked) == 1
    publish(served, 60, "a")
    served.clock.advance(RETRY_SECONDS)
    assert await kids_of(served, keys, "a") == ["a"]


async def test_whoever_gives_up_waiting_ends_nobody_elses_fetch(served: TestServer) -> None:
    keys = RemoteKeys()
    publish(served, 0, "a")
    first, second = (asyncio.create_task(kids_of(served, keys, "a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ["a"]
    assert len(served.web.asked) == 1


async def test_entries_that_are_no_objects_are_passed_over(served: TestServer) -> None:
    body: dict[str, list[Any]] = {"keys": ["x", 1, None, {"kid": "a"}]}
    served.web.documents[URL] = Fetched(msgspec.json.encode(body), 60)
    assert await kids_of(served, RemoteKeys(), "a") == ["a"]
