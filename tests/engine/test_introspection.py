"""Introspection: who may ask, and what is told (rows N1 to N6)."""

from typing import Any

import pytest

from assent.engine.introspection import INTROSPECT_SCOPE, introspect
from assent.engine.revocation import revoke_grant
from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.errors import AccessDenied, InsufficientScope, InvalidClient, InvalidRequest, InvalidToken
from assent.storage.tables import AUDIT
from assent.testing.server import (
    ISSUER,
    START,
    TestServer,
    basic,
    private_jwk,
    public_jwks,
)

SCOPE = "openid fhirUser launch/patient patient/*.rs offline_access"
CONTEXT: dict[str, Any] = {
    "patient": "p1",
    "encounter": "e1",
    "fhirContext": [{"reference": "ImagingStudy/i1"}],
    "need_patient_banner": True,
    "intent": "reconcile",
    "tenant": "t1",
    "smart_style_url": "https://auth.example/style.json",
}


async def tokens(served: TestServer, client: Client) -> dict[str, Any]:
    person = await served.add_person(fhir_user="Patient/p1")
    grant = await served.add_grant(client, person, SCOPE, context=CONTEXT)
    return await served.redeem(client, grant)


@pytest.mark.row("N1", "N2", "N3", "N4")
async def test_an_active_token_tells_what_the_token_response_told(served: TestServer) -> None:
    client = await served.add_client(can_introspect="own")
    body = await tokens(served, client)
    told = await introspect(served.server, served.ask(client, token=body["access_token"]))
    (row,) = await served.server.storage.find(AUDIT, {"type": "token.issued"})
    assert row.detail is not None
    assert told == {
        **CONTEXT,
        "active": True,
        "scope": body["scope"],
        "client_id": "app",
        "iss": ISSUER.url,
        "sub": row.person_id,
        "username": "amy",
        "fhirUser": "https://fhir.example/r4/Patient/p1",
        "token_type": "Bearer",
        "aud": ISSUER.fhir_base,
        "exp": START + body["expires_in"],
        "iat": START,
        "jti": row.detail["jti"],
    }


async def test_a_clients_own_token_tells_no_person(served: TestServer) -> None:
    client = await served.add_client(can_introspect="own", scope=("system/*.rs",))
    body = await respond(served.server, served.ask(client, grant_type="client_credentials"))
    told = await introspect(served.server, served.ask(client, token=body["access_token"]))
    assert told["sub"] == told["client_id"] == "app"
    assert "username" not in told
    assert told["exp"] == START + 300


async def test_a_refresh_token_may_be_asked_about_too(served: TestServer) -> None:
    client = await served.add_client(can_introspect="own")
    body = await tokens(served, client)
    asked = served.ask(client, token=body["refresh_token"], token_type_hint="refresh_token")
    told = await introspect(served.server, asked)
    assert (told["active"], told["scope"], told["patient"]) == (True, SCOPE, "p1")
    assert told["exp"] == START + served.server.settings.refresh_idle_seconds
    await respond(
        served.server, served.ask(client, grant_type="refresh_token", refresh_token=body["refresh_token"])
    )
    assert await introspect(served.server, asked) == {"active": False}


@pytest.mark.row("N6")
@pytest.mark.parametrize("token", ["unknown", "a.b.c", "x" * 20_000, "é"])
async def test_an_unknown_token_is_inactive_and_nothing_more(served: TestServer, token: str) -> None:
    client = await served.add_client(can_introspect="any")
    assert await introspect(served.server, served.ask(client, token=token)) == {"active": False}


@pytest.mark.row("N6")
async def test_an_expired_token_is_inactive(served: TestServer) -> None:
    client = await served.add_client(can_introspect="own")
    body = await tokens(served, client)
    served.clock.advance(3600)
    assert await introspect(served.server, served.ask(client, token=body["access_token"])) == {
        "active": False
    }


@pytest.mark.row("N6")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_a_revoked_token_is_inactive(served: TestServer, kind: str) -> None:
    client = await served.add_client(can_introspect="own")
    body = await tokens(served, client)
    (row,) = await served.server.storage.find(AUDIT, {"type": "token.issued"})
    assert row.grant_id is not None
    await revoke_grant(served.server, row.grant_id, because="test")
    assert await introspect(served.server, served.ask(client, token=body[kind])) == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_a_client_is_told_of_its_own_tokens_or_of_any(served: TestServer, kind: str) -> None:
    body = await tokens(served, await served.add_client())
    own = await served.add_client("own", can_introspect="own")
    any_ = await served.add_client("any", can_introspect="any")
    assert await introspect(served.server, served.ask(own, token=body[kind])) == {"active": False}
    assert (await introspect(served.server, served.ask(any_, token=body[kind])))["active"] is True


@pytest.mark.row("N5")
async def test_a_client_that_may_not_introspect_is_refused(served: TestServer) -> None:
    client = await served.add_client()
    with pytest.raises(AccessDenied):
        await introspect(served.server, served.ask(client, token="x"))
    public = await served.add_client("public", token_endpoint_auth_method="none", can_introspect="own")
    with pytest.raises(AccessDenied):
        await introspect(served.server, served.ask(public, token="x"))
    with pytest.raises(InvalidClient):
        await introspect(served.server, served.ask(client, basic("app", "wrong"), token="x"))
    rows = await served.server.storage.find(AUDIT, {"type": "introspection.refused"})
    assert len(rows) == 3


@pytest.mark.row("N5")
async def test_a_bearer_token_with_the_scope_may_ask_about_any(served: TestServer) -> None:
    body = await tokens(served, await served.add_client())
    watcher = await served.add_client("watcher", scope=(INTROSPECT_SCOPE, "system/*.rs"))
    for scope, may in ((INTROSPECT_SCOPE, True), ("system/*.rs", False)):
        own = await respond(served.server, served.ask(watcher, grant_type="client_credentials", scope=scope))
        asked = served.ask(watcher, f"Bearer {own['access_token']}", token=body["access_token"])
        if may:
            assert (await introspect(served.server, asked))["client_id"] == "app"
        else:
            with pytest.raises(InsufficientScope):
                await introspect(served.server, asked)
    with pytest.raises(InvalidToken):
        await introspect(served.server, served.ask(watcher, "Bearer nonsense", token="x"))


async def test_a_token_is_required(served: TestServer) -> None:
    client = await served.add_client(can_introspect="own")
    with pytest.raises(InvalidRequest, match="token is required"):
        await introspect(served.server, served.ask(client))


@pytest.mark.row("K9")
async def test_an_assertion_is_good_for_one_introspection(served: TestServer) -> None:
    key = private_jwk("ES384", "one")
    client = await served.add_client(
        token_endpoint_auth_method="private_key_jwt", jwks=public_jwks(key), can_introspect="own"
    )
    asked = served.ask(client, token="x", **served.assertion("app", key))
    assert await introspect(served.server, asked) == {"active": False}
    with pytest.raises(InvalidClient):
        await introspect(served.server, asked)
