"""Logos: fetched once, by one node, kept while their address stays, and told of when they fail."""

import asyncio

import pytest

from assent.actions.apps.clients import add_client, delete_client, disable_client, edit_client
from assent.actions.apps.logos import (
    CLAIM_SECONDS,
    RETRY_SECONDS,
    BadPicture,
    due_logos,
    fetch_logo,
    is_due,
    logo_of,
    picture,
)
from assent.engine.server import Fetched
from assent.records.clients import Client
from assent.storage.interface import Change, act
from assent.storage.tables import AUDIT, LOGOS, PICTURES
from assent.testing.server import TestServer

URI = "https://heart.example/logo.png"
OTHER = "https://heart.example/new.png"


class Maker:
    """Makes a "PNG" of what it is given, unless that begins with `bad`; holds on while `goes_on` is not set."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.begun = asyncio.Event()

    async def __call__(self, content: bytes) -> bytes:
        self.begun.set()
        await self.goes_on.wait()
        if content.startswith(b"bad"):
            raise BadPicture("it is none of PNG, JPEG, GIF, WEBP")
        return b"png of " + content


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
async def heart(served: TestServer) -> Client:
    served.web.documents[URI] = Fetched(b"heart", 300)
    served.web.documents[OTHER] = Fetched(b"new", 300)
    definition = {"client_id": "heart", "redirect_uris": ["https://heart.example/"], "logo_uri": URI}
    return (
        await add_client(served.server, {**definition, "token_endpoint_auth_method": "none"}, actor=None)
    ).client


async def pictures(served: TestServer) -> list[bytes]:
    return [one.png for one in await served.server.storage.find(PICTURES)]


async def test_a_logo_is_fetched_and_found_by_the_hash_of_our_picture(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    assert is_due(heart, await logo_of(served.server, heart), served.server.now())
    logo = await fetch_logo(served.server, heart, maker)
    assert logo == await logo_of(served.server, heart)
    assert logo is not None
    assert (logo.state, logo.reason) == ("kept", None)
    found = await picture(served.server, logo.picture_hash or "")
    assert found is not None
    assert found.png == b"png of heart"
    assert not is_due(heart, logo, served.server.now() + 10 * RETRY_SECONDS)
    [event] = await served.server.storage.find(AUDIT, {"type": "client.logo_fetched"})
    assert (event.client_id, event.outcome) == ("heart", "ok")


async def test_of_two_nodes_one_fetches(served: TestServer, heart: Client, maker: Maker) -> None:
    maker.goes_on.clear()
    first = asyncio.create_task(fetch_logo(served.server, heart, maker))
    await maker.begun.wait()
    assert await due_logos(served.server) == []
    assert await fetch_logo(served.server, heart, maker) is None
    maker.goes_on.set()
    assert await first == await logo_of(served.server, heart)
    assert len(served.web.asked) == 1
    assert await pictures(served) == [b"png of heart"]


async def test_of_two_claims_of_the_same_moment_one_wins(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    results = await asyncio.gather(*(fetch_logo(served.server, heart, maker) for _ in range(5)))
    assert sum(result is not None for result in results) == 1
    assert len(served.web.asked) == 1


async def test_a_node_that_died_over_a_logo_is_not_waited_for_for_ever(
    served: TestServer, heart: Client
) -> None:
    async def die(_content: bytes) -> bytes:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await fetch_logo(served.server, heart, die)
    assert await due_logos(served.server) == []
    served.clock.advance(CLAIM_SECONDS)
    assert await due_logos(served.server) == ["heart"]


@pytest.mark.parametrize("content", [None, b"bad picture"])
async def test_a_failure_is_told_with_its_reason_and_tried_again_after_an_hour(
    served: TestServer, heart: Client, maker: Maker, content: bytes | None
) -> None:
    if content is None:
        del served.web.documents[URI]
    else:
        served.web.documents[URI] = Fetched(content, 0)
    logo = await fetch_logo(served.server, heart, maker)
    assert logo is not None
    assert (logo.state, logo.picture_hash) == ("failed", None)
    assert logo.reason == ("answered 404" if content is None else "it is none of PNG, JPEG, GIF, WEBP")
    [event] = await served.server.storage.find(AUDIT, {"type": "client.logo_fetched"})
    assert (event.outcome, event.detail) == ("refused", {"reason": logo.reason})
    assert await due_logos(served.server) == []
    served.clock.advance(RETRY_SECONDS)
    assert await due_logos(served.server) == ["heart"]


async def test_a_new_address_is_fetched_and_the_old_picture_is_dropped(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    await fetch_logo(served.server, heart, maker)
    changed = await edit_client(served.server, "heart", {"logo_uri": OTHER}, actor=None)
    assert await logo_of(served.server, changed) is None
    assert await due_logos(served.server) == ["heart"]
    await fetch_logo(served.server, changed, maker)
    assert await pictures(served) == [b"png of new"]


async def test_a_picture_that_we_have_outlasts_a_host_that_is_down(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    kept = await fetch_logo(served.server, heart, maker)
    del served.web.documents[URI]
    again = await fetch_logo(served.server, heart, maker, actor="command:admin")
    assert kept is not None
    assert again is not None
    assert (again.state, again.picture_hash, again.reason) == ("kept", kept.picture_hash, "answered 404")
    served.web.documents[URI] = Fetched(b"bad now", 0)
    refused = await fetch_logo(served.server, heart, maker)
    assert refused is not None
    assert (refused.state, refused.picture_hash) == ("failed", None)
    assert await pictures(served) == []


async def test_a_logo_that_arrives_after_its_client_was_deleted_is_not_kept(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    maker.goes_on.clear()
    fetching = asyncio.create_task(fetch_logo(served.server, heart, maker))
    await maker.begun.wait()
    await delete_client(served.server, "heart", actor=None)
    assert await due_logos(served.server) == []
    maker.goes_on.set()
    assert await fetching is None
    assert await served.server.storage.find(LOGOS) == []
    assert await pictures(served) == []


@pytest.mark.parametrize("change", [{"logo_uri": None}, None])
async def test_what_is_left_of_a_logo_that_nobody_has_any_more_is_dropped(
    served: TestServer, heart: Client, maker: Maker, change: dict[str, None] | None
) -> None:
    await fetch_logo(served.server, heart, maker)
    if change is None:
        await delete_client(served.server, "heart", actor=None)
    else:
        await edit_client(served.server, "heart", change, actor=None)
    assert await due_logos(served.server) == []
    assert await served.server.storage.find(LOGOS) == []
    assert await pictures(served) == []


async def test_one_picture_of_two_clients_stays_while_one_has_it(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    twin = await served.add_client("twin", logo_uri=URI)
    logo = await fetch_logo(served.server, heart, maker)
    await fetch_logo(served.server, twin, maker)
    await delete_client(served.server, "heart", actor=None)
    await due_logos(served.server)
    assert logo is not None
    assert await picture(served.server, logo.picture_hash or "") is not None


async def test_nothing_is_fetched_for_a_client_that_is_off_or_has_no_logo(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    await served.add_client("plain")
    off = await disable_client(served.server, "heart", actor=None)
    assert await due_logos(served.server) == []
    assert not is_due(off, None, served.server.now())
    assert await fetch_logo(served.server, await served.add_client("bare"), maker) is None
    assert served.web.asked == []


async def test_an_attempt_that_was_overtaken_changes_nothing(
    served: TestServer, heart: Client, maker: Maker
) -> None:
    maker.goes_on.clear()
    slow = asyncio.create_task(fetch_logo(served.server, heart, maker))
    await maker.begun.wait()
    await served.server.storage.commit(act(Change(LOGOS, ("heart",), {"claim": "another's"})))
    maker.goes_on.set()
    assert await slow is None
    assert await pictures(served) == []
    assert await served.server.storage.find(AUDIT, {"type": "client.logo_fetched"}) == []
