"""The steps that every grant type shares, and what a refusal leaves behind."""

import pytest

from assent.engine.hooks import Hooks, TokenAdditions, TokenDraft
from assent.engine.token_endpoint import respond
from assent.spec.errors import (
    AccessDenied,
    InvalidClient,
    InvalidRequest,
    InvalidTarget,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from assent.spec.jose import read_unverified
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer, a_server, basic


@pytest.mark.row("T5")
async def test_grant_type_is_required(served: TestServer) -> None:
    client = await served.add_client()
    with pytest.raises(InvalidRequest, match="grant_type is required"):
        await respond(served.server, served.ask(client))


@pytest.mark.row("T5")
@pytest.mark.parametrize("grant_type", ["password", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"])
async def test_a_grant_type_that_is_not_on_is_refused(served: TestServer, grant_type: str) -> None:
    client = await served.add_client(grant_types=("authorization_code", grant_type))
    with pytest.raises(UnsupportedGrantType):
        await respond(served.server, served.ask(client, grant_type=grant_type))


@pytest.mark.row("T5", "B3")
@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token", "client_credentials"])
async def test_a_client_uses_only_its_own_grant_types(served: TestServer, grant_type: str) -> None:
    client = await served.add_client(grant_types=())
    with pytest.raises(UnauthorizedClient):
        await respond(served.server, served.ask(client, grant_type=grant_type))


async def test_the_client_is_asked_for_before_anything_else(served: TestServer) -> None:
    client = await served.add_client()
    with pytest.raises(InvalidClient):
        await respond(served.server, served.ask(client, basic("app", "wrong"), grant_type="password"))


@pytest.mark.row("A8")
async def test_a_token_for_another_place_is_refused(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs",))
    for resource in ("https://fhir.example/r4", "https://fhir.example/r4/"):
        assert await respond(
            served.server, served.ask(client, grant_type="client_credentials", resource=resource)
        )
    with pytest.raises(InvalidTarget):
        await respond(
            served.server,
            served.ask(client, grant_type="client_credentials", resource="https://other.example"),
        )


async def test_a_token_leaves_an_audit_row_without_secrets(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs",))
    body = await respond(served.server, served.ask(client, grant_type="client_credentials"))
    (row,) = await served.server.storage.find(AUDIT, {"type": "token.issued"})
    assert (row.outcome, row.client_id, row.address) == ("ok", "app", "192.0.2.7")
    assert row.detail is not None
    assert row.detail["scope"] == "system/*.rs"
    assert body["access_token"] not in repr(row)
    assert served.events == [row]


async def test_a_refusal_leaves_an_audit_row_with_its_reference(served: TestServer) -> None:
    client = await served.add_client()
    with pytest.raises(InvalidClient):
        await respond(
            served.server, served.ask(client, basic("app", "wrong"), grant_type="client_credentials")
        )
    (row,) = await served.server.storage.find(AUDIT, {"type": "token.refused"})
    assert (row.outcome, row.reference, row.client_id) == ("refused", "7F3K-22", None)
    assert row.detail == {
        "error": "invalid_client",
        "description": "client authentication failed",
        "detail": "the secret is none of the client's",
        "grant_type": "client_credentials",
    }
    assert "wrong" not in repr(row)


async def test_a_refusal_of_a_known_client_names_it(served: TestServer) -> None:
    client = await served.add_client(grant_types=())
    with pytest.raises(UnauthorizedClient):
        await respond(served.server, served.ask(client, grant_type="client_credentials"))
    (row,) = await served.server.storage.find(AUDIT, {"client_id": "app"})
    assert row.type == "token.refused"


class Denying(Hooks):
    async def on_token(self, draft: TokenDraft) -> TokenAdditions:
        raise AccessDenied("the policy says no")


class Adding(Hooks):
    async def on_token(self, draft: TokenDraft) -> TokenAdditions:
        return TokenAdditions(
            {"purpose": "treatment", "sub": "somebody", "scope": "system/*.cruds", "gid": "g"}
        )


async def test_a_hook_may_refuse_a_token() -> None:
    served = await a_server(hooks=Denying())
    client = await served.add_client(scope=("system/*.rs",))
    with pytest.raises(AccessDenied):
        await respond(served.server, served.ask(client, grant_type="client_credentials"))
    assert await served.server.storage.find(AUDIT, {"type": "token.issued"}) == []
    await served.close()


async def test_a_hook_may_add_claims_and_change_none_of_ours() -> None:
    served = await a_server(hooks=Adding())
    client = await served.add_client(scope=("system/*.rs",))
    body = await respond(served.server, served.ask(client, grant_type="client_credentials"))
    claims = read_unverified(body["access_token"]).claims
    assert claims["purpose"] == "treatment"
    assert claims["sub"] == "app"
    assert claims["scope"] == "system/*.rs"
    assert "gid" not in claims
    await served.close()
