"""What comes back from a provider and proves nobody: refused, each for its reason; on the page all look alike."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from applications import OpenWith
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.server import private_jwk
from identity.oidc.forger import Forger, a_forger, hmac_token

START = 1_800_000_000


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        yield one


async def refused(forger: Forger, answer: str = "code=c-1", **asked: str) -> str:
    """The reason of a sign-in that let nobody in."""
    page = await forger.arrive(answer, **asked)
    assert (page.status, page.left_to) == (403, None), page.text
    assert "could not make sure who you are" in page.text
    assert await forger.home.server.storage.find(SESSIONS) == []
    assert await forger.home.server.storage.find(PEOPLE) == []
    reason = await forger.reason()
    assert reason not in page.text
    return reason


async def test_the_forger_lets_people_in_when_it_is_honest(forger: Forger) -> None:
    assert "code" in (await forger.arrive()).answered
    [form] = forger.forms
    assert form["grant_type"] == "authorization_code"
    assert form["code"] == "c-1"
    assert form["redirect_uri"] == "http://localhost:9200/login/clinic/callback"
    assert len(form["code_verifier"]) >= 43
    assert "client_secret" not in form  # it is in the Authorization header


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://elsewhere.example"}, "iss is not the provider's issuer"),
        ({"iss": None}, "iss is not the provider's issuer"),
        ({"aud": "another"}, "aud is not our client_id"),
        ({"aud": []}, "aud is not our client_id"),
        ({"aud": None}, "aud is not our client_id"),
        ({"aud": ["home", "another"]}, "azp is required where aud names several"),
        ({"aud": ["home", "another"], "azp": "another"}, "azp is not our client_id"),
        ({"azp": "another"}, "azp is not our client_id"),
        ({"nonce": "another"}, "nonce is not the one of the request"),
        ({"nonce": None}, "nonce is not the one of the request"),
        ({"nonce": 7}, "nonce is not the one of the request"),
        ({"exp": START - 30}, "the ID token is past its exp"),
        ({"exp": None}, "exp must be a number of seconds"),
        ({"exp": "soon"}, "exp must be a number of seconds"),
        ({"iat": START + 31}, "iat is in the future"),
        ({"iat": None}, "iat must be a number of seconds"),
        ({"nbf": START + 31}, "nbf is in the future"),
        ({"auth_time": START + 31}, "auth_time is in the future"),
        ({"sub": None}, "sub must be a text of 1 to 255 characters"),
        ({"sub": ""}, "sub must be a text of 1 to 255 characters"),
        ({"sub": "s" * 256}, "sub must be a text of 1 to 255 characters"),
        ({"sub": 7}, "sub must be a text of 1 to 255 characters"),
        ({"at_hash": "bm90IHRoaXMgb25l"}, "at_hash is that of another access token"),
    ],
)
async def test_an_id_token_that_says_something_wrong(
    forger: Forger, claims: dict[str, Any], why: str
) -> None:
    forger.claims = claims
    assert await refused(forger) == f"ID token: {why}"


@pytest.mark.parametrize(
    "claims",
    [{"exp": START - 29}, {"iat": START + 30}, {"aud": ["home"]}, {"aud": ["home", "x"], "azp": "home"}],
)
async def test_what_is_a_little_off_or_said_in_another_way_is_accepted(
    forger: Forger, claims: dict[str, Any]
) -> None:
    forger.claims = claims
    assert "code" in (await forger.arrive()).answered


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"kid": "another"}, "no key in the provider's JWKS is for RS256 and the kid of the header"),
        ({"kid": 7}, "header kid must be a text"),
        ({"typ": "at+jwt"}, "header typ is that of another kind of token"),
        ({"typ": "logout+jwt"}, "header typ is that of another kind of token"),
        ({"crit": ["exp"]}, "header crit is not supported"),
    ],
)
async def test_an_id_token_whose_header_is_wrong(forger: Forger, header: dict[str, Any], why: str) -> None:
    forger.header = header
    if not header.keys() <= {"typ"} and header != {"kid": "another"}:  # what no library would sign
        forger.make_token = unsigned
    assert await refused(forger) == f"ID token: {why}"


async def test_an_id_token_of_another_key(forger: Forger) -> None:
    forger.key = {**private_jwk("RS256", "two"), "kid": "one"}
    assert await refused(forger) == "ID token: the signature is wrong"


async def test_an_id_token_that_nobody_signed(forger: Forger) -> None:
    forger.header = {"alg": "none"}
    forger.make_token = unsigned
    assert await refused(forger) == "ID token: header alg is not one that is accepted of this provider"


async def test_an_id_token_signed_with_what_everybody_knows(forger: Forger) -> None:
    """The public key, or our own client secret, as an HMAC key (RFC 8725 2.1)."""
    forger.header = {"alg": "HS256"}
    forger.make_token = lambda header, claims: hmac_token(header, claims, forger.key["n"].encode())
    assert await refused(forger) == "ID token: header alg is not one that is accepted of this provider"


async def test_only_the_algorithms_of_the_definition_are_accepted(open_with: OpenWith) -> None:
    async with a_forger(open_with, id_token_algs=["ES256"]) as forger:
        assert await refused(forger) == "ID token: header alg is not one that is accepted of this provider"


async def test_what_is_no_token_at_all(forger: Forger) -> None:
    forger.make_token = lambda _header, _claims: "no.token"
    assert await refused(forger) == "ID token: not a compact JWS with JSON claims"


async def test_an_id_token_that_is_encrypted(forger: Forger) -> None:
    forger.make_token = lambda _header, _claims: "a.b.c.d.e"
    why = "it is encrypted, which is not supported: register it to be signed alone"
    assert await refused(forger) == f"ID token: {why}"


async def test_userinfo_of_somebody_else(forger: Forger) -> None:
    forger.userinfo = {"sub": "s-2", "preferred_username": "admin"}
    assert await refused(forger) == "userinfo is of another sub than the ID token"


async def test_userinfo_says_nothing_that_only_the_signed_token_may(forger: Forger) -> None:
    forger.userinfo = {"acr": "high", "amr": ["hwk"], "auth_time": 1, "sid": "x", "given_name": "Maria"}
    await forger.arrive()
    [session] = await forger.home.server.storage.find(SESSIONS)
    assert (session.acr, session.amr, session.auth_time, session.provider_session) == (None, (), START, None)
    [person] = await forger.home.server.storage.find(PEOPLE)
    assert person.given_name == "Maria"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "the answer has no code"),
        ("code=", "the answer has no code"),
        ("error=access_denied", "the provider answered access_denied"),
        ("error=%3Cscript%3E", "the provider answered an error without a code"),
        ("code=c-1&iss=https%3A%2F%2Felsewhere.example", "iss of the answer is another provider's"),
        ("error=access_denied&iss=https%3A%2F%2Fx.example", "iss of the answer is another provider's"),
    ],
)
async def test_an_answer_without_a_code_or_of_another_provider(forger: Forger, answer: str, why: str) -> None:
    assert await refused(forger, answer) == why
    assert "/token" not in forger.asked


async def test_a_provider_that_promises_iss_must_say_it(forger: Forger) -> None:
    forger.metadata = {"authorization_response_iss_parameter_supported": True}
    assert await refused(forger) == "the answer does not say iss, as the provider's answers do"


async def test_a_code_that_the_provider_refuses(forger: Forger) -> None:
    forger.answers["/token"] = lambda: web.json_response({"error": "invalid_grant"}, status=400)
    assert await refused(forger) == "the token endpoint refuses the code: invalid_grant"


async def test_a_provider_that_does_not_say_when_is_not_believed_that_it_asked(forger: Forger) -> None:
    reason = await refused(forger, prompt="login")
    assert reason == "ID token: auth_time is required: the request asked when the person signed in"


@pytest.mark.parametrize(("seconds", "is_in"), [(330, True), (331, False)])
async def test_max_age_counts_from_the_request_with_the_leeway(
    forger: Forger, seconds: int, is_in: bool
) -> None:
    forger.claims = {"auth_time": START - seconds}
    page = await forger.arrive(max_age="300")
    assert (page.left_to is not None) == is_in


async def test_the_same_answer_is_no_good_twice(forger: Forger) -> None:
    page = await forger.arrive()
    callback = next(str(one.request.url) for one in page.trail if "/callback" in str(one.request.url))
    again = await forger.browser.open(callback)
    assert (again.status, again.left_to) == (400, None)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode() for part in (header, claims))
    return ".".join(parts) + "."
