"""Userinfo as a signed JWT: taken when it is the provider's, for us, and of whom the ID token names; else refused."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from applications import OpenWith
from assent.actions.providers.providers import edit_provider
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.server import private_jwk, signed
from identity.oidc.forger import Forger, a_forger, hmac_token
from identity.oidc.pair import desk_of

START = 1_800_000_000


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        yield one


def right(forger: Forger, **claims: Any) -> dict[str, Any]:
    said = {"iss": forger.issuer, "aud": "home", "sub": "s-1", "given_name": "Maria", **claims}
    return {name: value for name, value in said.items() if value is not None}


def answering(forger: Forger, text: str, media_type: str = "application/jwt") -> None:
    forger.answers["/userinfo"] = lambda: web.Response(text=text, content_type=media_type)


def head(forger: Forger, **header: Any) -> dict[str, Any]:
    return {"alg": "RS256", "kid": forger.key["kid"], **header}


async def refused(forger: Forger) -> str:
    page = await forger.arrive()
    assert (page.status, page.left_to) == (403, None), page.text
    assert await forger.home.server.storage.find(PEOPLE) == []
    return await forger.reason()


@pytest.mark.parametrize("claims", [{}, {"aud": ["home"]}, {"iat": START, "exp": START + 60}])
async def test_what_the_provider_signed_for_us_is_taken(forger: Forger, claims: dict[str, Any]) -> None:
    answering(forger, signed(forger.key, head(forger), right(forger, **claims)))
    assert "code" in (await forger.arrive()).answered
    [person] = await forger.home.server.storage.find(PEOPLE)
    assert person.given_name == "Maria"


async def test_it_says_nothing_that_only_the_id_token_may(forger: Forger) -> None:
    answering(forger, signed(forger.key, head(forger), right(forger, acr="high", amr=["hwk"], sid="x")))
    assert "code" in (await forger.arrive()).answered
    [session] = await forger.home.server.storage.find(SESSIONS)
    assert (session.acr, session.amr, session.provider_session) == (None, (), None)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://elsewhere.example"}, "userinfo: iss is not the provider's issuer"),
        ({"iss": None}, "userinfo: iss is not the provider's issuer"),
        ({"aud": "another"}, "userinfo: aud is not our client_id"),
        ({"aud": None}, "userinfo: aud is not our client_id"),
        ({"aud": ["home", "another"]}, "userinfo: azp is required where aud names several"),
        ({"exp": START - 30}, "userinfo: the userinfo is past its exp"),
        ({"iat": START + 31}, "userinfo: iat is in the future"),
        ({"nbf": START + 31}, "userinfo: nbf is in the future"),
        ({"events": {}}, "userinfo: it is a logout token"),
        ({"sub": "s-2"}, "userinfo is of another sub than the ID token"),
        ({"sub": None}, "userinfo is of another sub than the ID token"),
    ],
)
async def test_what_says_something_wrong_lets_nobody_in(
    forger: Forger, claims: dict[str, Any], why: str
) -> None:
    answering(forger, signed(forger.key, head(forger), right(forger, **claims)))
    assert await refused(forger) == why


async def test_what_is_not_signed_as_it_should_be_lets_nobody_in(forger: Forger) -> None:
    other = {**private_jwk("RS256", "two"), "kid": "one"}
    none = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    claims = right(forger)
    good = signed(forger.key, head(forger), claims)
    for text, why in (
        (signed(other, head(forger), claims), "userinfo: the signature is wrong"),
        (
            signed(forger.key, head(forger, typ="at+jwt"), claims),
            "userinfo: header typ is that of another kind",
        ),
        (f"{none}.{good.split('.')[1]}.", "userinfo: header alg is not one"),
        (hmac_token({"alg": "HS256"}, claims, b"home" * 8), "userinfo: header alg is not one"),
        ("a.b.c", "userinfo: not a compact JWS"),
        ("a.b.c.d.e", "userinfo: it is encrypted, which is not supported"),
        ("", "userinfo: not a compact JWS"),
    ):
        answering(forger, text)
        forger.browser = forger.home.browser()
        forger.home.clock.advance(1)
        assert (await refused(forger)).startswith(why)


async def test_the_algorithms_of_the_definition_hold_for_it_too(forger: Forger) -> None:
    answering(forger, signed(forger.key, head(forger), right(forger)))
    forger.key = private_jwk("ES256", "ec")
    forger.published.append(forger.key)
    await edit_provider(desk_of(forger.home), "clinic", {"id_token_algs": ["ES256"]}, actor=None)
    assert (await refused(forger)).startswith("userinfo: header alg is not one")


async def test_a_jwt_that_is_called_json_is_not_read(forger: Forger) -> None:
    answering(forger, signed(forger.key, head(forger), right(forger)), "application/json")
    assert (await forger.arrive()).status == 503
    assert "no JSON" in await forger.reason()


async def test_claims_that_are_called_a_jwt_are_not_read(forger: Forger) -> None:
    answering(forger, '{"sub": "s-1", "preferred_username": "admin"}')
    assert (await refused(forger)).startswith("userinfo: not a compact JWS")
