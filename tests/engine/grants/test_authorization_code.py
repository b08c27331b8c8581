"""Redeeming a code: once, by its client, at its address, with its verifier."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.errors import InvalidClient, InvalidGrant, InvalidRequest, OAuthError
from assent.storage.interface import Put, act
from assent.storage.tables import AUDIT, CLIENTS, CODES, GRANTS, PEOPLE, REFRESH_TOKENS
from assent.testing.server import REDIRECT_URI, VERIFIER, TestServer

SCOPE = "openid fhirUser launch/patient patient/*.rs offline_access"


async def redeem(served: TestServer, client: Client, code: str, /, **fields: str | None) -> dict[str, Any]:
    asked: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        **fields,
    }
    return await respond(served.server, served.ask(client, **asked))


async def a_code(served: TestServer, **fields: Any) -> tuple[Client, str]:
    client = await served.add_client()
    person = await served.add_person(fhir_user="Patient/p1")
    return client, await served.add_code(await served.add_grant(client, person, SCOPE), **fields)


@pytest.mark.row("T1", "T4", "L5", "L6")
async def test_a_code_gives_tokens_and_context(served: TestServer) -> None:
    client, code = await a_code(served)
    body = await redeem(served, client, code)
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["scope"] == SCOPE
    assert body["patient"] == "p1"
    assert {"access_token", "id_token", "refresh_token"} <= body.keys()


@pytest.mark.row("T3")
async def test_a_public_client_redeems_with_its_verifier_alone(served: TestServer) -> None:
    client = await served.add_client(token_endpoint_auth_method="none", secrets=())
    grant = await served.add_grant(client, await served.add_person(), SCOPE)
    assert await redeem(served, client, await served.add_code(grant))


@pytest.mark.row("T5")
@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
async def test_code_and_redirect_uri_are_required(served: TestServer, missing: str) -> None:
    client, code = await a_code(served)
    with pytest.raises(InvalidRequest, match=f"{missing} is required"):
        await redeem(served, client, code, **{missing: None})


@pytest.mark.row("T2", "A10")
async def test_the_verifier_must_be_there(served: TestServer) -> None:
    client, code = await a_code(served)
    with pytest.raises(InvalidRequest, match="code_verifier"):
        await redeem(served, client, code, code_verifier=None)


@pytest.mark.row("T2", "A10")
@pytest.mark.parametrize("verifier", ["x" * 43, "short", "é" * 43])
async def test_the_verifier_must_be_right(served: TestServer, verifier: str) -> None:
    client, code = await a_code(served)
    with pytest.raises(InvalidGrant, match="code_verifier"):
        await redeem(served, client, code, code_verifier=verifier)


@pytest.mark.row("T2")
async def test_a_verifier_for_a_code_without_a_challenge_is_refused(served: TestServer) -> None:
    client, code = await a_code(served, code_challenge=None)
    with pytest.raises(InvalidGrant, match="no code_challenge"):
        await redeem(served, client, code)
    assert await redeem(served, client, code, code_verifier=None)


@pytest.mark.row("T1")
@pytest.mark.parametrize("uri", [REDIRECT_URI + "/", REDIRECT_URI + "?", "https://evil.example/done"])
async def test_redirect_uri_must_be_the_same(served: TestServer, uri: str) -> None:
    client, code = await a_code(served)
    with pytest.raises(InvalidGrant, match="redirect_uri"):
        await redeem(served, client, code, redirect_uri=uri)


async def test_a_code_is_bound_to_its_client(served: TestServer) -> None:
    client, code = await a_code(served)
    other = await served.add_client("other")
    with pytest.raises(InvalidGrant):
        await redeem(served, other, code)
    assert await redeem(served, client, code)


async def test_an_unknown_code_is_refused(served: TestServer) -> None:
    client, _ = await a_code(served)
    with pytest.raises(InvalidGrant):
        await redeem(served, client, "unknown")


@pytest.mark.row("A12")
async def test_a_code_is_good_for_a_minute(served: TestServer) -> None:
    client, code = await a_code(served)
    served.clock.advance(60)
    with pytest.raises(InvalidGrant) as refused:
        await redeem(served, client, code)
    assert refused.value.detail == "the code has expired"


@pytest.mark.row("A12")
async def test_a_refused_attempt_leaves_the_code_usable(served: TestServer) -> None:
    client, code = await a_code(served)
    with pytest.raises(InvalidGrant):
        await redeem(served, client, code, code_verifier="x" * 43)
    assert await redeem(served, client, code)


@pytest.mark.row("A12")
async def test_a_second_use_of_a_code_revokes_the_grant(served: TestServer) -> None:
    client, code = await a_code(served)
    body = await redeem(served, client, code)
    with pytest.raises(InvalidGrant):
        await redeem(served, client, code)
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.revoked_at == served.server.now()
    with pytest.raises(InvalidGrant):
        await respond(
            served.server,
            served.ask(client, grant_type="refresh_token", refresh_token=body["refresh_token"]),
        )
    (revoked,) = await served.server.storage.find(AUDIT, {"type": "grant.revoked"})
    assert revoked.grant_id == grant.grant_id


@pytest.mark.row("A12")
async def test_a_replay_without_the_verifier_revokes_too(served: TestServer) -> None:
    client, code = await a_code(served)
    await redeem(served, client, code)
    with pytest.raises(InvalidGrant):
        await redeem(served, client, code, code_verifier="x" * 43)
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.revoked_at


@pytest.mark.row("A12")
async def test_of_many_at_once_one_wins_and_the_others_end_the_grant(served: TestServer) -> None:
    client, code = await a_code(served)
    answers = await asyncio.gather(*(redeem(served, client, code) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert all(isinstance(answer, dict | InvalidGrant) for answer in answers)
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.revoked_at
    assert len(await served.server.storage.find(REFRESH_TOKENS)) == 1


async def test_the_person_is_looked_at_again(served: TestServer) -> None:
    client, code = await a_code(served)
    (person,) = await served.server.storage.find(PEOPLE)
    await served.server.storage.commit(act(Put(PEOPLE, replace(person, enabled=False))))
    with pytest.raises(InvalidGrant) as refused:
        await redeem(served, client, code)
    assert refused.value.detail == "the person's account is disabled or gone"


async def test_the_client_is_looked_at_again(served: TestServer) -> None:
    client, code = await a_code(served)
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, enabled=False))))
    with pytest.raises(InvalidClient):
        await redeem(served, client, code)


async def test_a_revoked_grant_gives_nothing(served: TestServer) -> None:
    client, code = await a_code(served)
    (grant,) = await served.server.storage.find(GRANTS)
    await served.server.storage.commit(act(Put(GRANTS, replace(grant, revoked_at=1))))
    with pytest.raises(OAuthError):
        await redeem(served, client, code)
    (kept,) = await served.server.storage.find(CODES)
    assert kept.used_at == 0


@pytest.mark.row("T14")
@pytest.mark.parametrize(
    ("scope", "grant_types", "expected"),
    [
        ("openid offline_access", ("authorization_code", "refresh_token"), True),
        ("openid", ("authorization_code", "refresh_token"), False),
        ("openid offline_access", ("authorization_code",), False),
    ],
    ids=["asked", "not-asked", "not-registered"],
)
async def test_a_refresh_token_needs_the_scope_and_the_grant_type(
    served: TestServer, scope: str, grant_types: tuple[str, ...], expected: bool
) -> None:
    client = await served.add_client(grant_types=grant_types)
    grant = await served.add_grant(client, await served.add_person(), scope)
    body = await redeem(served, client, await served.add_code(grant))
    assert ("refresh_token" in body) == expected


async def test_codes_and_refresh_tokens_are_stored_as_hashes(served: TestServer) -> None:
    client, code = await a_code(served)
    body = await redeem(served, client, code)
    (stored,) = await served.server.storage.find(CODES)
    (refresh,) = await served.server.storage.find(REFRESH_TOKENS)
    rows = repr((stored, refresh, await served.server.storage.find(AUDIT)))
    for secret in (code, body["refresh_token"], body["access_token"], body["id_token"]):
        assert secret not in rows
