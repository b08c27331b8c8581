"""The key ring: which key signs, what is published, how soon a change is seen, what verifies."""

import asyncio
import os
from dataclasses import replace
from typing import Any

import pytest

from assent.engine.key_changes import (
    KeysRefused,
    ensure_keys,
    import_jwks,
    rotate_key,
)
from assent.engine.keys import KeyRing, NoSigningKey
from assent.engine.sealing import SealBroken, Sealer
from assent.engine.server import Issuer
from assent.records.keys import SigningKey
from assent.spec.jose import BadToken, public_part, read_unverified
from assent.storage.interface import Put, Remove, act
from assent.storage.tables import AUDIT, SIGNING_KEYS
from assent.testing.server import START, TestServer, a_server, private_jwk

CLAIMS = {"sub": "somebody"}


async def signed_kid(served: TestServer, alg: str = "RS256") -> str:
    token = await served.server.keys.sign(alg, "JWT", CLAIMS)
    return str(read_unverified(token).header["kid"])


async def published_kids(served: TestServer) -> list[str]:
    return [key["kid"] for key in (await served.server.keys.published())["keys"]]


async def stored(served: TestServer, kid: str) -> SigningKey:
    key = await served.server.storage.get(SIGNING_KEYS, kid)
    assert key is not None
    return key


async def test_what_a_key_signed_verifies_as_the_same_kind_only(served: TestServer) -> None:
    keys = served.server.keys
    token = await keys.sign("RS256", "at+jwt", CLAIMS)
    assert await keys.verify(token, "at+jwt") == CLAIMS
    assert await keys.verify(token, "at+jwt") == CLAIMS
    with pytest.raises(BadToken):
        await keys.verify(token, "JWT")


@pytest.mark.parametrize("place", [10, -10])
async def test_a_changed_token_does_not_verify(served: TestServer, place: int) -> None:
    token = await served.server.keys.sign("RS256", "at+jwt", CLAIMS)
    changed = list(token)
    changed[place] = "A" if changed[place] != "A" else "B"
    with pytest.raises(BadToken):
        await served.server.keys.verify("".join(changed), "at+jwt")


async def test_no_key_for_an_algorithm_is_an_outage(served: TestServer) -> None:
    with pytest.raises(NoSigningKey):
        await served.server.keys.sign("ES384", "JWT", CLAIMS)


async def test_a_rotated_key_signs_and_the_old_one_stays_published_a_while(served: TestServer) -> None:
    old_token = await served.server.keys.sign("RS256", "JWT", CLAIMS)
    new = await rotate_key(served.server, served.sealer, "RS256", actor="admin", keep_seconds=100)
    served.clock.advance(1)
    assert await signed_kid(served) == new.kid
    assert await published_kids(served) == [new.kid, "server-RS256"]
    assert await served.server.keys.verify(old_token, "JWT") == CLAIMS
    served.clock.advance(100)
    assert await published_kids(served) == [new.kid]
    (row,) = await served.server.storage.find(AUDIT, {"type": "key.rotated"})
    assert row.actor == "admin"


async def test_a_key_may_be_published_before_it_signs(served: TestServer) -> None:
    new = await rotate_key(served.server, served.sealer, "RS256", actor=None, lead_seconds=300)
    served.clock.advance(1)
    assert await signed_kid(served) == "server-RS256"
    assert new.kid in await published_kids(served)
    served.clock.advance(300)
    assert await signed_kid(served) == new.kid


async def test_keys_of_a_day_are_numbered(served: TestServer) -> None:
    kids = [(await rotate_key(served.server, served.sealer, "ES256", actor=None)).kid for _ in range(2)]
    assert kids == ["es256-20270115-1", "es256-20270115-2"]


async def test_a_change_by_another_process_is_seen_within_a_second(served: TestServer) -> None:
    assert await published_kids(served) == ["server-RS256"]
    await rotate_key(served.server, served.sealer, "RS256", actor=None)
    served.clock.advance(1)
    assert len(await published_kids(served)) == 2


async def test_what_another_node_signs_with_a_new_key_verifies_before_the_second_is_over(
    served: TestServer,
) -> None:
    await published_kids(served)
    served.clock.advance(0.5)
    await rotate_key(served.server, served.sealer, "RS256", actor=None)
    server = served.server
    other = KeyRing(server.storage, served.sealer, served.clock)
    token = await other.sign("RS256", "at+jwt", CLAIMS)
    assert await server.keys.verify(token, "at+jwt") == CLAIMS


async def test_what_a_removed_key_signed_is_no_longer_good(served: TestServer) -> None:
    await rotate_key(served.server, served.sealer, "ES256", actor=None)
    served.clock.advance(1)
    token = await served.server.keys.sign("ES256", "at+jwt", CLAIMS)
    assert await served.server.keys.verify(token, "at+jwt")
    kid = read_unverified(token).header["kid"]
    await served.server.storage.commit(act(Remove(SIGNING_KEYS, (kid,))))
    served.clock.advance(1)
    with pytest.raises(BadToken):
        await served.server.keys.verify(token, "at+jwt")


async def test_a_key_whose_publication_ended_verifies_nothing(served: TestServer) -> None:
    token = await served.server.keys.sign("RS256", "at+jwt", CLAIMS)
    ended = replace(await stored(served, "server-RS256"), removes_at=START)
    await served.server.storage.commit(act(Put(SIGNING_KEYS, ended)))
    served.clock.advance(1)
    with pytest.raises(BadToken):
        await served.server.keys.verify(token, "at+jwt")


async def test_private_keys_are_stored_sealed_and_bound_to_issuer_and_kid(served: TestServer) -> None:
    key = await stored(served, "server-RS256")
    secret = private_jwk("RS256", "server-RS256")["d"]
    assert secret.encode() not in key.private_sealed
    assert "d" not in key.public_jwk
    await served.server.storage.commit(act(Put(SIGNING_KEYS, replace(key, kid="moved"))))
    ring = KeyRing(served.server.storage, served.sealer, served.clock)
    with pytest.raises(SealBroken):
        await ring.published()
    wrong = KeyRing(served.server.storage, Sealer(b"1" * 32, os.urandom), served.clock)
    with pytest.raises(SealBroken):
        await wrong.published()


async def test_first_keys_are_made_once_though_two_processes_start_together(served: TestServer) -> None:
    other = Issuer("other", "https://other.example", "https://fhir.example/other")
    one = await a_server(issuer=other, backend=served.backend)
    await one.server.storage.commit(act(Remove(SIGNING_KEYS, ("server-RS256",))))
    made = await asyncio.gather(*(ensure_keys(one.server, one.sealer) for _ in range(3)))
    assert sorted(made) == [[], [], ["rs256-20270115-1"]]
    assert await ensure_keys(one.server, one.sealer) == []
    assert len(await one.server.storage.find(SIGNING_KEYS)) == 1
    one.passwords.close()


async def test_imported_keys_keep_kid_and_alg_and_sign(served: TestServer) -> None:
    await import_jwks(
        served.server, served.sealer, {"keys": [private_jwk("ES256", "from-elsewhere")]}, actor="a"
    )
    served.clock.advance(1)
    assert await signed_kid(served, "ES256") == "from-elsewhere"


@pytest.mark.parametrize(
    ("keys", "mistakes"),
    [
        ([], ["keys: must be a list with at least one private JWK"]),
        (["x"], ["keys[0]: must be a JSON object"]),
        (
            [{**private_jwk("ES256", "a"), "kid": ""}, {**private_jwk("ES256", "b"), "alg": "HS256"}],
            [
                "keys[0]: member kid must be a string of 1 to 200 characters",
                "keys[1]: member alg must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512",
            ],
        ),
        ([{**private_jwk("ES256", "a"), "alg": "ES384"}], ["keys[0]: the key does not fit alg ES384"]),
        (
            [public_part(private_jwk("ES256", "a"))],
            ["keys[0]: member d is missing: this is no private key"],
        ),
        ([private_jwk("ES256", "a"), private_jwk("ES256", "a")], ["keys: a kid is there twice"]),
        (
            [private_jwk("ES256", "a"), private_jwk("RS256", "server-RS256")],
            ["keys[1].kid: a key with this kid is here already"],
        ),
    ],
)
async def test_every_mistake_of_an_import_is_named_and_nothing_is_stored(
    served: TestServer, keys: list[Any], mistakes: list[str]
) -> None:
    with pytest.raises(KeysRefused) as refused:
        await import_jwks(served.server, served.sealer, {"keys": keys}, actor=None)
    assert refused.value.mistakes == mistakes
    assert [key.kid for key in await served.server.storage.find(SIGNING_KEYS)] == ["server-RS256"]
