"""Signing out, both ways: ours goes on to the provider, and the provider's ends ours."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web

from applications import OpenWith
from assent.spec.id_tokens import LOGOUT_EVENT
from assent.spec.jose import read_unverified
from assent.storage.tables import LOGOUT_HINTS, SESSIONS
from assent.testing.application import Application
from assent.testing.server import signed
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import SIGNED_OUT, Pair, a_pair

START = 1_800_000_000
BACK = "https://app.example/bye"


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        yield one


async def live_sessions(application: Application) -> int:
    return sum(not one.ended_at for one in await application.server.storage.find(SESSIONS))


async def test_signing_out_here_goes_on_to_the_provider_and_comes_back(pair: Pair) -> None:
    await pair.arrive()
    await pair.browser.open("/oauth/logout")
    page = await pair.browser.submit()
    assert await live_sessions(pair.home) == 0
    url = urlsplit(str(page.left_to))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{pair.clinic.origin}/oauth/logout"
    asked = parse_qs(url.query)
    assert (asked["client_id"], asked["post_logout_redirect_uri"]) == (["home"], [SIGNED_OUT])
    assert await live_sessions(pair.clinic) == 1
    page = await pair.there.open(
        str(page.left_to)
    )  # the ID token shows that she asks herself: nobody is asked
    assert await live_sessions(pair.clinic) == 0
    page = await pair.browser.open(str(page.left_to))
    assert (page.status, page.path) == (200, "/login/clinic/signed-out")
    assert "signed out" in page.text


async def test_the_id_token_is_kept_sealed_beside_the_session(pair: Pair) -> None:
    await pair.arrive()
    [session] = await pair.home.server.storage.find(SESSIONS)
    [kept] = await pair.home.server.storage.find(LOGOUT_HINTS)
    assert (kept.session_hash, kept.expires_at) == (session.session_hash, session.expires_at)
    await pair.browser.open("/oauth/logout")
    page = await pair.browser.submit()
    hint = parse_qs(urlsplit(str(page.left_to)).query)["id_token_hint"][0]
    assert read_unverified(hint).claims["aud"] == "home"
    assert hint.encode() not in kept.sealed


async def test_the_page_that_asks_lets_its_form_end_at_the_provider(pair: Pair) -> None:
    await pair.arrive()
    page = await pair.browser.open("/oauth/logout")
    policy = page.answer.headers["content-security-policy"]
    assert f"form-action 'self' {pair.clinic.origin}" in policy


async def test_the_app_that_signed_her_out_gets_her_back_at_the_end(pair: Pair) -> None:
    await pair.home.add_client("other", post_logout_redirect_uris=(BACK,))
    await pair.arrive()
    await pair.browser.open(f"/oauth/logout?client_id=other&post_logout_redirect_uri={BACK}&state=s")
    page = await pair.browser.submit()
    page = await pair.there.open(str(page.left_to))
    page = await pair.browser.open(str(page.left_to))
    assert page.left_to == f"{BACK}?state=s"


async def test_the_way_back_is_good_once_and_for_this_browser(pair: Pair) -> None:
    await pair.home.add_client("other", post_logout_redirect_uris=(BACK,))
    await pair.arrive()
    await pair.browser.open(f"/oauth/logout?client_id=other&post_logout_redirect_uri={BACK}")
    url = str((await pair.browser.submit()).left_to)
    state = parse_qs(urlsplit(url).query)["state"][0]
    back = f"/login/clinic/signed-out?state={state}"
    assert (await pair.home.browser().open(back)).left_to is None
    # nor does it sign anybody in
    assert (await pair.browser.open(f"/login/clinic/callback?state={state}&code=x")).status == 400
    assert (await pair.browser.open(back)).left_to == BACK
    assert (await pair.browser.open(back)).left_to is None


async def test_a_definition_may_leave_people_signed_in_there(open_with: OpenWith) -> None:
    async with a_pair(open_with, sign_out_there=False) as pair:
        await pair.arrive()
        await pair.browser.open("/oauth/logout")
        page = await pair.browser.submit()
        assert page.left_to is None
        assert await live_sessions(pair.home) == 0


async def test_a_provider_that_is_down_keeps_nobody_signed_in(forger: Forger) -> None:
    forger.metadata = {"end_session_endpoint": f"{forger.issuer}/end"}
    await forger.arrive()
    forger.home.clock.advance(400)
    forger.answers["/.well-known/openid-configuration"] = lambda: web.Response(status=500)
    await forger.browser.open("/oauth/logout")
    page = await forger.browser.submit()
    assert (page.status, page.left_to) == (200, None)
    assert await live_sessions(forger.home) == 0


# --- the provider says so -------------------------------------------------------------------------------------------


def logout_token(forger: Forger, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = forger.home.server.now()
    right = {
        "iss": forger.issuer,
        "aud": "home",
        "iat": now,
        "exp": now + 120,
        "jti": "j-1",
        "events": {LOGOUT_EVENT: {}},
        "sid": "there-1",
    }
    head = {"alg": "RS256", "kid": forger.key["kid"], "typ": "logout+jwt", **(header or {})}
    return signed(forger.key, head, {**right, **claims})


async def notify(forger: Forger, token: str, name: str = "clinic") -> httpx.Response:
    async with forger.home.http() as client:
        return await client.post(f"/login/{name}/backchannel-logout", data={"logout_token": token})


async def signed_in_twice(forger: Forger) -> None:
    """Two browsers of the same person, in two sessions there."""
    for session in ("there-1", "there-2"):
        forger.claims = {"sid": session}
        forger.browser = forger.home.browser()
        await forger.arrive()
    assert await live_sessions(forger.home) == 2


async def test_a_session_that_ended_there_ends_here(forger: Forger) -> None:
    await signed_in_twice(forger)
    answer = await notify(forger, logout_token(forger))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [ended] = [one for one in await forger.home.server.storage.find(SESSIONS) if one.ended_at]
    assert ended.provider_session == "there-1"
    [row] = await forger.home.audit("session.ended")
    assert (row.detail or {})["because"] == "signed out at the provider"


@pytest.mark.parametrize("name", ["x" * 255, "x" * 256, "x" * 3000, "there \t1"])
async def test_a_session_is_found_by_whatever_name_the_provider_gave_it(forger: Forger, name: str) -> None:
    forger.claims = {"sid": name}
    await forger.arrive()
    assert (await notify(forger, logout_token(forger, sid=f"{name}x", sub=None))).status_code == 200
    assert await live_sessions(forger.home) == 1
    told = logout_token(forger, sid=name, sub=None, jti="n-2")
    assert (await notify(forger, told)).status_code == 200
    assert await live_sessions(forger.home) == 0


async def test_somebody_who_signed_out_there_is_signed_out_everywhere_here(forger: Forger) -> None:
    await signed_in_twice(forger)
    assert (await notify(forger, logout_token(forger, sid=None, sub="s-1"))).status_code == 200
    assert await live_sessions(forger.home) == 0


@pytest.mark.parametrize("claims", [{"sub": "s-2"}, {"sid": "there-3"}, {"sid": None, "sub": "s-2"}])
async def test_nobody_else_is_signed_out(forger: Forger, claims: dict[str, Any]) -> None:
    await signed_in_twice(forger)
    assert (await notify(forger, logout_token(forger, **claims))).status_code == 200
    assert await live_sessions(forger.home) == 2


async def test_a_notice_is_good_once(forger: Forger) -> None:
    await signed_in_twice(forger)
    token = logout_token(forger, sid=None, sub="s-1")
    assert (await notify(forger, token)).status_code == 200
    forger.browser = forger.home.browser()
    await forger.arrive()
    assert (await notify(forger, token)).status_code == 400
    assert await live_sessions(forger.home) == 1


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"iss": "https://elsewhere.example"}),
        ({}, {"aud": "another"}),
        ({}, {"events": {}}),
        ({}, {"events": None}),
        ({}, {"events": {LOGOUT_EVENT: True}}),
        ({}, {"nonce": "n"}),
        ({}, {"sid": None}),
        ({}, {"sid": ""}),
        ({}, {"jti": None}),
        ({}, {"exp": START - 30}),
        ({}, {"iat": START - 700, "exp": START + 7000}),
        ({}, {"iat": START + 31}),
        ({"typ": "at+jwt"}, {}),
        ({"kid": "another"}, {}),
    ],
)
async def test_a_notice_that_is_not_good_signs_nobody_out(
    forger: Forger, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    await signed_in_twice(forger)
    answer = await notify(forger, logout_token(forger, header, **claims))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert await live_sessions(forger.home) == 2


async def test_an_id_token_is_no_logout_token(forger: Forger) -> None:
    await signed_in_twice(forger)
    assert (await notify(forger, forger.id_token())).status_code == 400
    assert await live_sessions(forger.home) == 2


async def test_what_is_no_notice_at_all(forger: Forger) -> None:
    assert (await notify(forger, "x")).status_code == 400
    assert (await notify(forger, "x", "nobody")).status_code == 404
    async with forger.home.http() as client:
        assert (await client.post("/login/clinic/backchannel-logout", data={})).status_code == 400
        assert (await client.post("/login/clinic/backchannel-logout", json={})).status_code == 400
    assert await forger.home.audit("provider.logout") == []  # the log alone: anybody may send this
