"""A browser brings a provider's word that a session ended there: that one ends here, where the definition allows it."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
from aiohttp import web

from applications import OpenWith
from assent.storage.tables import SESSIONS
from identity.oidc.forger import Forger, a_forger


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    """A provider that may, and somebody who signed in twice there, in two browsers."""
    async with a_forger(open_with, frontchannel_logout=True) as one:
        await sign_in_twice(one)
        yield one


async def sign_in_twice(forger: Forger) -> None:
    for session in ("there-1", "there-2"):
        forger.claims = {"sid": session}
        assert "code" in (await forger.arrive_anew()).answered


async def live(forger: Forger) -> list[str]:
    found = await forger.home.server.storage.find(SESSIONS)
    return sorted(str(one.provider_session) for one in found if not one.ended_at)


async def load(forger: Forger, name: str = "clinic", **said: str) -> httpx.Response:
    """The browser loads the address in a frame: with no cookie of ours."""
    async with forger.home.http() as client:
        return await client.get(f"/login/{name}/frontchannel-logout?{urlencode(said)}")


async def test_the_session_that_ended_there_ends_here_and_no_other(forger: Forger) -> None:
    answer = await load(forger, iss=forger.issuer, sid="there-1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert await live(forger) == ["there-2"]
    [row] = await forger.home.audit("session.ended")
    assert (row.detail or {})["because"] == "signed out at the provider"
    assert (await load(forger, iss=forger.issuer, sid="there-1")).status_code == 200
    assert len(await forger.home.audit("session.ended")) == 1


async def test_a_session_of_a_long_name_ends_too(forger: Forger) -> None:
    forger.claims = {"sid": "x" * 300}
    await forger.arrive_anew()
    await load(forger, iss=forger.issuer, sid="x" * 300)
    assert await live(forger) == ["there-1", "there-2"]


async def test_who_was_signed_out_so_has_to_sign_in_again(forger: Forger) -> None:
    assert (await forger.browser.open("/oauth/revoke")).path == "/oauth/revoke"
    await load(forger, iss=forger.issuer, sid="there-2")
    assert (await forger.browser.open("/oauth/revoke")).path != "/oauth/revoke"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sid": "there-1"},
        {"sid": "there-1", "iss": ""},
        {"sid": "there-1", "iss": "https://elsewhere.example"},
        {"iss": "OURS"},
        {"iss": "OURS", "sid": ""},
    ],
)
async def test_a_word_that_lacks_something_signs_nobody_out(forger: Forger, said: dict[str, str]) -> None:
    said = {name: forger.issuer if value == "OURS" else value for name, value in said.items()}
    answer = await load(forger, **said)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert await live(forger) == ["there-1", "there-2"]
    assert await forger.home.audit("provider.logout") == []  # the log alone: anybody may send this


async def test_what_is_said_twice_or_elsewhere_signs_nobody_out(forger: Forger) -> None:
    async with forger.home.http() as client:
        path = f"/login/clinic/frontchannel-logout?iss={forger.issuer}&sid=there-1"
        assert (await client.get(f"{path}&sid=there-2")).status_code == 400
        assert (await client.post(path)).status_code in (400, 405)
    assert (await load(forger, iss=forger.issuer, sid="there-3")).status_code == 200
    assert (await load(forger, "nobody", iss=forger.issuer, sid="there-1")).status_code == 404
    assert await live(forger) == ["there-1", "there-2"]


async def test_a_provider_that_is_down_signs_nobody_out(forger: Forger) -> None:
    forger.home.clock.advance(400)
    forger.answers["/.well-known/openid-configuration"] = lambda: web.Response(status=500)
    assert (await load(forger, iss=forger.issuer, sid="there-1")).status_code == 503
    assert await live(forger) == ["there-1", "there-2"]


async def test_it_is_off_unless_the_definition_says_so(open_with: OpenWith) -> None:
    async with a_forger(open_with) as forger:
        await sign_in_twice(forger)
        assert (await load(forger, iss=forger.issuer, sid="there-1")).status_code == 400
        assert await live(forger) == ["there-1", "there-2"]
