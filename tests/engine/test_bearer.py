"""Access tokens taken back in: everything that ends one is seen at the next request."""

from dataclasses import replace
from typing import Any

import pytest

from assent.engine.bearer import look_at_token, read_bearer
from assent.engine.revocation import revoke_grant
from assent.engine.server import Issuer
from assent.records.clients import Client
from assent.records.grants import Grant, RevokedToken
from assent.spec.errors import InvalidToken
from assent.spec.jose import read_unverified
from assent.storage.interface import Change, Put, act
from assent.storage.tables import CLIENTS, PEOPLE, REVOKED_TOKENS, SESSIONS, TOKEN_SCOPES
from assent.testing.server import (
    START,
    TestServer,
    a_server,
    private_jwk,
    signed,
)

SCOPE = "openid patient/*.rs"


async def a_token(served: TestServer, scope: str = SCOPE, **fields: Any) -> tuple[str, Client, Grant]:
    client = await served.add_client()
    person = await served.add_person()
    grant = await served.add_grant(client, person, scope, **fields)
    body = await served.redeem(client, grant)
    return body["access_token"], client, grant


async def detail_of(served: TestServer, token: str) -> str | None:
    with pytest.raises(InvalidToken) as refused:
        await look_at_token(served.server, token)
    return refused.value.detail


@pytest.mark.row("T10")
async def test_a_good_token_gives_client_grant_person_and_scope(served: TestServer) -> None:
    token, client, grant = await a_token(served)
    bearer = await read_bearer(served.server, f"Bearer {token}")
    assert bearer.client == client
    assert bearer.grant is not None
    assert bearer.grant.grant_id == grant.grant_id
    assert bearer.person is not None
    assert bearer.scope.text == SCOPE


@pytest.mark.row("T8")
async def test_a_token_is_over_at_its_end_without_leeway(served: TestServer) -> None:
    token, _, _ = await a_token(served)
    served.clock.advance(3599)
    assert await look_at_token(served.server, token)
    served.clock.advance(1)
    assert await detail_of(served, token) == "expired"


@pytest.mark.row("T10")
async def test_a_token_of_another_issuer_or_for_another_server_is_refused(served: TestServer) -> None:
    claims = read_unverified((await a_token(served))[0]).claims
    header = {"alg": "RS256", "typ": "at+jwt", "kid": "server-RS256"}
    key = private_jwk("RS256", "server-RS256")
    for other in ({"iss": "https://other.example"}, {"aud": "https://other.example/fhir"}):
        forged = signed(key, header, {**claims, **other})
        assert await detail_of(served, forged) == "of another issuer or for another FHIR server"


@pytest.mark.row("T10")
async def test_an_id_token_is_no_access_token(served: TestServer) -> None:
    claims = read_unverified((await a_token(served))[0]).claims
    forged = signed(
        private_jwk("RS256", "server-RS256"), {"alg": "RS256", "typ": "JWT", "kid": "server-RS256"}, claims
    )
    assert await detail_of(served, forged) == "header typ is not at+jwt"


@pytest.mark.row("T10")
@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "." * 20_000])
async def test_what_is_no_token_is_refused(served: TestServer, token: str) -> None:
    await detail_of(served, token)


async def test_a_revoked_grant_ends_its_tokens(served: TestServer) -> None:
    token, _, grant = await a_token(served)
    assert await revoke_grant(served.server, grant.grant_id, because="the person said so")
    assert await detail_of(served, token) == "the grant was revoked: the person said so"
    assert not await revoke_grant(served.server, grant.grant_id, because="again")


async def test_a_token_that_was_taken_back_is_refused(served: TestServer) -> None:
    token, _, _ = await a_token(served)
    jti = read_unverified(token).claims["jti"]
    await served.server.storage.commit(act(Put(REVOKED_TOKENS, RevokedToken(jti, START + 3600))))
    assert await detail_of(served, token) == "taken back"


async def test_a_disabled_client_or_person_ends_tokens(served: TestServer) -> None:
    token, client, _ = await a_token(served)
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, enabled=False))))
    assert await detail_of(served, token) == "the client is switched off"
    await served.server.storage.commit(act(Put(CLIENTS, client)))
    (person,) = await served.server.storage.find(PEOPLE)
    await served.server.storage.commit(act(Put(PEOPLE, replace(person, enabled=False))))
    assert await detail_of(served, token) == "the person's account is disabled or gone"


@pytest.mark.row("T14")
async def test_tokens_of_an_online_grant_end_with_the_session(served: TestServer) -> None:
    session = await served.add_session(await served.add_person("lee"))
    token, _, _ = await a_token(served, "online_access patient/*.rs", session_hash=session.session_hash)
    await look_at_token(served.server, token)
    await served.server.storage.commit(act(Change(SESSIONS, (session.session_hash,), {"ended_at": START})))
    assert await detail_of(served, token) == "the session of this online grant has ended"


@pytest.mark.row("A15")
async def test_a_long_scope_is_found_beside_the_token(served: TestServer) -> None:
    scope = " ".join(f"patient/Observation.rs?code={number}" for number in range(200))
    token, _, _ = await a_token(served, scope)
    assert (await look_at_token(served.server, token)).scope.text == scope
    jti = read_unverified(token).claims["jti"]
    kept = await served.server.storage.get(TOKEN_SCOPES, jti)
    assert kept is not None


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer  ", "Basic abc"])
async def test_no_token_is_refused(served: TestServer, authorization: str | None) -> None:
    with pytest.raises(InvalidToken):
        await read_bearer(served.server, authorization)


async def test_a_token_of_one_issuer_is_nothing_to_another_in_the_same_database(served: TestServer) -> None:
    token, _, _ = await a_token(served)
    other = await a_server(
        issuer=Issuer("other", "https://auth.example/other", "https://fhir.example/other"),
        backend=served.backend,
    )
    # both hold the same key pair here, so it is not the signature that tells them apart
    with pytest.raises(InvalidToken):
        await look_at_token(other.server, token)
    other.passwords.close()
