"""Taking back: one access token by itself, or a grant with everything that hangs on it.

Sources: RFC 7009; RFC 6749 4.1.2 and RFC 9700 4.14.2 (what a replay ends).
"""

from assent.engine.client_auth import Presented, authenticate
from assent.engine.events import audit_event, commit
from assent.engine.handles import hash_handle
from assent.engine.issue import ACCESS_TOKEN_TYPE
from assent.engine.refusals import burn, record_refusal
from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client
from assent.records.grants import RevokedToken
from assent.spec.errors import OAuthError
from assent.spec.jose import BadToken
from assent.storage.interface import Change, Put
from assent.storage.tables import GRANTS, REFRESH_TOKENS, REVOKED_TOKENS


async def revoke_grant(
    server: AuthorizationServer,
    grant_id: str,
    *,
    because: str,
    client_id: str | None = None,
    person_id: str | None = None,
    actor: str | None = None,
    caller: Caller | None = None,
) -> bool:
    """Ends a grant and every token on it; False when it had ended already, or never was."""
    event = audit_event(
        server,
        "grant.revoked",
        caller=caller,
        client_id=client_id,
        person_id=person_id,
        grant_id=grant_id,
        actor=actor,
        detail={"because": because},
    )
    ends = {"revoked_at": server.now(), "revoked_because": because}
    outcomes = await commit(server, Change(GRANTS, (grant_id,), ends, {"revoked_at": 0}), event=event)
    return outcomes.all


async def revoke_token(server: AuthorizationServer, presented: Presented) -> Client:
    """Takes back the client's own `token`; gives the client. Unknown and foreign tokens are no error (RFC 7009 2.2).

    The hint, `token_type_hint` or as some clients spell it `token_type`, is not needed to tell the two kinds apart.
    Raises `InvalidClient`, `InvalidRequest`.
    """
    try:
        authenticated = await authenticate(server, presented)
        await burn(server, authenticated)
        token = presented.params.required("token")
    except OAuthError as refusal:
        await record_refusal(server, presented, refusal, "revocation.refused")
        raise
    client = authenticated.client
    refresh = await server.storage.get(REFRESH_TOKENS, hash_handle(token))
    if refresh is None:
        await _revoke_access_token(server, client, token, presented.caller)
    elif refresh.client_id == client.client_id:
        await revoke_grant(
            server,
            refresh.grant_id,
            because="the app gave it back",
            client_id=client.client_id,
            actor=client.client_id,
            caller=presented.caller,
        )
    return client


async def _revoke_access_token(
    server: AuthorizationServer, client: Client, token: str, caller: Caller
) -> None:
    try:
        claims = await server.keys.verify(token, ACCESS_TOKEN_TYPE)
    except BadToken:
        return
    if claims.get("client_id") != client.client_id or claims["exp"] <= server.now():
        return
    event = audit_event(
        server,
        "token.revoked",
        caller=caller,
        client_id=client.client_id,
        grant_id=claims.get("gid"),
        actor=client.client_id,
        detail={"jti": claims["jti"]},
    )
    await commit(server, Put(REVOKED_TOKENS, RevokedToken(claims["jti"], claims["exp"])), event=event)
