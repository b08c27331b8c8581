"""A provider that is down, slow, or answers nonsense: nobody is let in, and the page says that it does not answer."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from applications import OpenWith
from assent.app.outbound import fetch
from assent.storage.tables import SESSIONS
from identity.oidc.forger import Forger, a_forger

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        yield one


async def unavailable(forger: Forger) -> str:
    """The reason of a sign-in that could not be tried."""
    page = await forger.arrive()
    assert (page.status, page.left_to) == (503, None), page.text
    assert "does not answer" in page.text
    assert await forger.home.server.storage.find(SESSIONS) == []
    reason = await forger.reason()
    assert reason not in page.text
    return reason


def text(body: str, status: int = 200) -> Callable[[], web.Response]:
    return lambda: web.Response(text=body, status=status)


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (DISCOVERY, text("{}", 500), "discovery: answered 500"),
        (DISCOVERY, text("<html>"), "discovery: the document is no JSON object"),
        (DISCOVERY, text("[]"), "discovery: the document is no JSON object"),
        (
            DISCOVERY,
            text('{"issuer": "https://elsewhere.example"}'),
            "discovery: the document is another issuer's",
        ),
        (DISCOVERY, text("x" * 70_000), "discovery: the document is longer than 64 kB"),
        ("/jwks", text("{}", 500), "the JWKS could not be fetched: answered 500"),
        ("/jwks", text("nonsense"), "the JWKS is no JSON"),
        ("/jwks", text("{}"), "the JWKS has no list of keys"),
        ("/token", text("<html>", 502), "the token endpoint answered 502 and no JSON (text/plain)"),
        ("/token", text("[]"), "the token endpoint answered 200 and no JSON object"),
        ("/token", text('{"error": "server_error"}', 500), "the token endpoint answered 500: server_error"),
        ("/token", text("{}"), "the token endpoint gave no ID token: scope openid must be asked for"),
        ("/token", text("{}", 302), "the token endpoint answered 302: an error without a code"),
        (
            "/token",
            text('{"error": "invalid_client"}', 401),
            "the token endpoint refuses this installation, not the person: invalid_client",
        ),
        ("/userinfo", text("{}", 500), "the userinfo endpoint answered 500"),
        ("/userinfo", text("ey.J.h"), "the userinfo endpoint answered 200 and no JSON (text/plain)"),
    ],
)
async def test_nonsense_is_no_answer(
    forger: Forger, path: str, answer: Callable[[], web.Response], why: str
) -> None:
    forger.answers[path] = answer
    assert await unavailable(forger) == why


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"token_endpoint": None}, "the provider has no token_endpoint"),
        ({"authorization_endpoint": None}, "the provider has no authorization_endpoint"),
        (
            {"authorization_endpoint": "javascript:x"},
            "discovery: authorization_endpoint: the scheme must be https",
        ),
        ({"jwks_uri": 7}, "discovery: jwks_uri: it must have 1 to 2000 characters"),
        (
            {"token_endpoint": "http://10.0.0.1/token"},
            "discovery: token_endpoint: http is allowed for localhost, 127.0.0.1 and [::1] alone",
        ),
    ],
)
async def test_a_document_that_cannot_be_worked_with(
    forger: Forger, metadata: dict[str, Any], why: str
) -> None:
    forger.metadata = metadata
    assert await unavailable(forger) == why


async def test_a_provider_that_nobody_answers_for(forger: Forger) -> None:
    forger.metadata = {"token_endpoint": "http://localhost:9/token"}
    assert (await unavailable(forger)).startswith("the token endpoint: ")


async def test_a_slow_provider_is_given_up(forger: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.2)
    forger.slow_seconds = 2
    assert (await unavailable(forger)).startswith("discovery: ")


async def test_a_failed_discovery_is_not_tried_again_at_every_click(forger: Forger) -> None:
    forger.answers[DISCOVERY] = text("{}", 500)
    await forger.arrive()
    await forger.arrive()
    assert forger.asked == [DISCOVERY]
    del forger.answers[DISCOVERY]
    forger.home.clock.advance(5)
    assert "code" in (await forger.arrive()).answered


async def test_discovery_and_keys_are_kept_between_sign_ins(forger: Forger) -> None:
    await forger.arrive()
    await forger.arrive_anew()
    assert forger.asked.count(DISCOVERY) == 1
    assert forger.asked.count("/jwks") == 1
    assert forger.asked.count("/token") == 2
