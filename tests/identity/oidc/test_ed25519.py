"""ID tokens with Ed25519 signatures (RFC 8037), under both names of the algorithm; good keys, wrong keys."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from applications import OpenWith
from assent.actions.providers.providers import edit_provider
from assent.spec.claims import at_hash
from assent.spec.jose import new_private_jwk, public_part
from assent.storage.tables import SESSIONS
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import desk_of

NAMES = ("Ed25519", "EdDSA")


def a_key(kid: str = "ed", curve: Literal["Ed25519", "X25519"] = "Ed25519") -> dict[str, Any]:
    return {**OKPKey.generate_key(curve, private=True).as_dict(private=True), "kid": kid, "use": "sig"}


def signing_with(key: dict[str, Any]) -> Any:
    def make(header: dict[str, Any], claims: dict[str, Any]) -> str:
        named = {**header, "kid": key["kid"]}
        algorithm = jws.JWSRegistry(algorithms=["Ed25519"]).get_alg("Ed25519")
        message = b".".join(_base64(msgspec.json.encode(part)) for part in (named, claims))
        return (message + b"." + _base64(algorithm.sign(message, OKPKey.import_key(key)))).decode()

    return make


def _base64(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    """A provider whose one key is an Ed25519 key."""
    async with a_forger(open_with) as one:
        key = a_key()
        one.published, one.make_token, one.header = [key], signing_with(key), {"alg": "Ed25519"}
        yield one


@pytest.mark.parametrize("alg", NAMES)
async def test_who_comes_with_such_a_signature_is_let_in(forger: Forger, alg: str) -> None:
    forger.header = {"alg": alg}
    forger.claims = {"at_hash": at_hash("at", alg)}
    assert "code" in (await forger.arrive()).answered


async def refused(forger: Forger) -> str:
    page = await forger.arrive()
    assert page.left_to is None
    assert await forger.home.server.storage.find(SESSIONS) == []
    return await forger.reason()


@pytest.mark.parametrize("alg", NAMES)
async def test_another_key_of_the_same_kid_proves_nothing(forger: Forger, alg: str) -> None:
    forger.header, forger.make_token = {"alg": alg}, signing_with(a_key())
    assert await refused(forger) == "ID token: the signature is wrong"


async def test_a_signature_that_is_cut_short_or_no_base64_proves_nothing(forger: Forger) -> None:
    [key] = forger.published
    make = signing_with(key)
    for kept, added in ((-4, ""), (-1, "~"), (-86, "")):
        forger.make_token = lambda header, claims, kept=kept, added=added: make(header, claims)[:kept] + added
        forger.browser = forger.home.browser()
        assert (await refused(forger)).startswith("ID token: ")


async def test_the_hash_of_another_access_token_is_seen(forger: Forger) -> None:
    forger.claims = {"at_hash": at_hash("another", "Ed25519")}
    assert await refused(forger) == "ID token: at_hash is that of another access token"


async def test_a_definition_may_leave_it_out(forger: Forger) -> None:
    await edit_provider(desk_of(forger.home), "clinic", {"id_token_algs": ["RS256", "ES256"]}, actor=None)
    assert await refused(forger) == "ID token: header alg is not one that is accepted of this provider"


@pytest.mark.parametrize(
    "key",
    [
        a_key("ed", "X25519"),
        {**new_private_jwk("ES256", "ed")},
        {"kty": "OKP", "crv": "Ed25519", "kid": "ed"},
    ],
)
async def test_a_key_of_another_kind_proves_nothing(forger: Forger, key: dict[str, Any]) -> None:
    forger.published = [public_part(key)]
    assert (await refused(forger)).startswith("ID token: ")
