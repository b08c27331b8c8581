"""RFC 7009: a client gives back its own tokens; what is unknown or somebody else's is no error."""

from typing import Any

import pytest

from assent.engine.bearer import look_at_token
from assent.engine.revocation import revoke_token
from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidToken
from assent.storage.tables import AUDIT, GRANTS, REVOKED_TOKENS
from assent.testing.server import START, TestServer, basic

SCOPE = "openid patient/*.rs offline_access"


async def tokens(served: TestServer, client: Client) -> dict[str, Any]:
    grant = await served.add_grant(client, await served.add_person(), SCOPE)
    return await served.redeem(client, grant)


async def refresh(served: TestServer, client: Client, token: str) -> dict[str, Any]:
    return await respond(served.server, served.ask(client, grant_type="refresh_token", refresh_token=token))


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type": "refresh_token"}])
async def test_an_access_token_is_taken_back_by_itself(served: TestServer, hint: dict[str, str]) -> None:
    client = await served.add_client()
    body = await tokens(served, client)
    assert await revoke_token(served.server, served.ask(client, token=body["access_token"], **hint)) == client
    with pytest.raises(InvalidToken):
        await look_at_token(served.server, body["access_token"])
    assert await refresh(served, client, body["refresh_token"])
    (row,) = await served.server.storage.find(REVOKED_TOKENS)
    assert row.expires_at == START + 3600
    (audited,) = await served.server.storage.find(AUDIT, {"type": "token.revoked"})
    assert audited.client_id == "app"


@pytest.mark.parametrize("hint", [{}, {"token_type": "refresh_token"}, {"token_type_hint": "access_token"}])
async def test_a_refresh_token_takes_the_whole_grant_with_it(
    served: TestServer, hint: dict[str, str]
) -> None:
    client = await served.add_client()
    body = await tokens(served, client)
    await revoke_token(served.server, served.ask(client, token=body["refresh_token"], **hint))
    with pytest.raises(InvalidToken):
        await look_at_token(served.server, body["access_token"])
    with pytest.raises(InvalidGrant):
        await refresh(served, client, body["refresh_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_somebody_elses_token_stays_good(served: TestServer, kind: str) -> None:
    client = await served.add_client()
    other = await served.add_client("other")
    body = await tokens(served, client)
    await revoke_token(served.server, served.ask(other, token=body[kind]))
    assert await look_at_token(served.server, body["access_token"])
    assert await refresh(served, client, body["refresh_token"])


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "x" * 20_000])
async def test_an_unknown_token_is_no_error(served: TestServer, token: str) -> None:
    client = await served.add_client()
    await revoke_token(served.server, served.ask(client, token=token))


async def test_a_second_time_is_no_error(served: TestServer) -> None:
    client = await served.add_client()
    body = await tokens(served, client)
    for kind in ("access_token", "refresh_token", "refresh_token", "access_token"):
        await revoke_token(served.server, served.ask(client, token=body[kind]))
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.revoked_because == "the app gave it back"


async def test_a_public_client_gives_back_its_own(served: TestServer) -> None:
    client = await served.add_client(token_endpoint_auth_method="none", secrets=())
    body = await tokens(served, client)
    await revoke_token(served.server, served.ask(client, token=body["refresh_token"]))
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.revoked_at


async def test_a_confidential_client_authenticates(served: TestServer) -> None:
    client = await served.add_client()
    body = await tokens(served, client)
    with pytest.raises(InvalidClient):
        await revoke_token(served.server, served.ask(client, basic("app", "no"), token=body["refresh_token"]))
    assert await refresh(served, client, body["refresh_token"])


async def test_a_token_is_required(served: TestServer) -> None:
    client = await served.add_client()
    with pytest.raises(InvalidRequest, match="token is required"):
        await revoke_token(served.server, served.ask(client))
