"""Keys that change at the provider are seen at the first token that they sign, and nobody makes us ask for more."""

from collections.abc import AsyncIterator

import pytest

from applications import OpenWith
from assent.actions.keys import rotate_keys
from assent.testing.server import private_jwk, public_jwks
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import Pair


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        yield one


async def test_a_real_issuer_rotates_its_keys_between_two_sign_ins(pair: Pair) -> None:
    await pair.arrive()
    for application in (pair.home, pair.clinic):
        application.clock.advance(11)
    await rotate_keys(pair.clinic.server, pair.clinic.installation.sealer, actor=None)
    pair.browser = pair.home.browser()
    assert "code" in (await pair.arrive()).answered


async def test_an_unknown_key_makes_us_ask_once_and_not_again_for_some_seconds(forger: Forger) -> None:
    await forger.arrive()
    forger.home.clock.advance(10)
    forger.header = {"kid": "nobody's"}
    for _ in range(3):
        assert (await forger.arrive_anew()).left_to is None
    assert forger.asked.count("/jwks") == 2
    reasons = sorted(str((row.detail or {})["reason"]) for row in await forger.home.audit("login.refused"))
    assert len(reasons) == 3
    assert ["fetched anew every 10 s" in reason for reason in reasons] == [True, True, False]


async def test_a_key_that_is_gone_there_is_good_no_longer_than_the_set_may_be_kept(forger: Forger) -> None:
    await forger.arrive()
    forger.published = [private_jwk("RS256", "two")]
    forger.home.clock.advance(301)
    assert (await forger.arrive_anew()).left_to is None
    reason = await forger.reason()
    assert reason == "ID token: no key in the provider's JWKS is for RS256 and the kid of the header"


async def test_a_token_without_a_kid_is_good_when_there_is_but_one_key(forger: Forger) -> None:
    forger.header = {"kid": None}
    assert "code" in (await forger.arrive()).answered
    forger.home.clock.advance(301)
    forger.published.append(private_jwk("RS256", "two"))
    assert (await forger.arrive_anew()).left_to is None
    assert await forger.reason() == "ID token: more than one key in the provider's JWKS is for RS256"


@pytest.mark.parametrize("member", [{"use": "enc"}, {"alg": "PS256"}, {"kty": "EC"}])
async def test_a_key_that_is_for_something_else_verifies_nothing(
    forger: Forger, member: dict[str, str]
) -> None:
    forger.published = [{**forger.key, **member}]
    assert (await forger.arrive()).left_to is None


async def test_keys_of_the_definition_are_the_only_ones(open_with: OpenWith) -> None:
    known = public_jwks(private_jwk("RS256", "two"))
    async with a_forger(open_with, jwks=known) as forger:
        assert (await forger.arrive()).left_to is None
        assert "/jwks" not in forger.asked
        forger.key = private_jwk("RS256", "two")
        assert "code" in (await forger.arrive()).answered
