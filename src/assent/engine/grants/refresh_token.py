"""`refresh_token`: a used-up access token made new; each refresh token is good once and names its successor.

A second use ends the grant (one of two holders has stolen the token), with one exception, off by default: within the
client's `refresh_retry_seconds` of the first use, while the successor has not been used, the answer was probably lost.
Then the successor is set aside and another takes its place, so that at most one chain lives; whoever brings the one
that was set aside ends the grant.

Person, grant, client and the client's scope list are looked at again each time. What is refused is refused before
anything is written, so the token stays good.
Sources: RFC 6749 6 and 10.4, RFC 9700 4.14.2; SMART App Launch 2.2 (T11-T15).
"""

from functools import lru_cache

from assent.engine.authorize.scope import (
    MAX_REMEMBERED_SCOPE,
    cached_definition,
    cached_scopes,
    check_constrained,
    read_asked,
    still_granted,
)
from assent.engine.grants import ByPerson, Reused
from assent.engine.handles import hash_handle
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.refresh_tokens import NewRefreshToken, may_refresh, new_refresh_token
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import RefreshToken
from assent.spec.errors import InvalidGrant, InvalidScope
from assent.spec.params import Params
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Change, Write
from assent.storage.tables import REFRESH_TOKENS

_BAD = "refresh_token is unknown, expired, revoked or somebody else's"


class Refresh:
    """The grant of a refresh token."""

    name = "refresh_token"

    async def authorize(self, server: AuthorizationServer, client: Client, params: Params) -> ByPerson:
        """What the token's grant gives now. Raises `InvalidGrant`, `InvalidScope`, and `Reused` on a second use."""
        token = await server.storage.get(REFRESH_TOKENS, hash_handle(params.required("refresh_token")))
        if token is None:
            raise InvalidGrant(_BAD, detail="the refresh token is unknown, or expired long ago")
        if token.client_id != client.client_id:  # RFC 6749 6: bound to the client it was issued to
            raise InvalidGrant(_BAD, detail="the refresh token was issued to another client")
        replaced = await _look_at_use(server, client, token)
        if token.expires_at <= server.now():
            raise InvalidGrant(_BAD, detail="the refresh token was not used for too long")
        live = await look_at_grant(server, token.grant_id)
        if isinstance(live, Ended):
            raise InvalidGrant(_BAD, detail=live.because)
        holds = _still_listed(still_granted(token.scope, live.grant.scope).text, client)
        if not may_refresh(server, client, live.grant, holds):
            raise InvalidGrant(
                _BAD, detail="the grant has reached its end, or the client may no longer refresh"
            )
        scope = _asked_of(holds, token.scope, params.get("scope"))
        check_constrained(scope)  # a list that was narrowed since may have cut one scope into many
        # RFC 6749 6: the scope of the token that it replaces, whatever was asked for or taken back meanwhile
        successor = new_refresh_token(server, live.grant, token.scope)
        return ByPerson(
            client=client,
            person=live.person,
            grant=live.grant,
            scope=scope,
            refresh_token=successor,
            is_first=False,
            uses=_uses(server, token, replaced, successor),
            lost=_reused(token)
            if client.refresh_retry_seconds == 0
            else InvalidGrant(_BAD, detail="a race was lost"),
        )


def _still_listed(granted: str, client: Client) -> ScopeSet:
    """What of a granted scope the client may have by its definition of today. Long ones are not remembered."""
    meet = _remembered_meet if len(granted) <= MAX_REMEMBERED_SCOPE else _meet
    return meet(granted, client.scope, client.auto_grant_scope)


@lru_cache(maxsize=4096)
def _remembered_meet(granted: str, listed: tuple[str, ...], automatic: tuple[str, ...]) -> ScopeSet:
    return _meet(granted, listed, automatic)


def _meet(granted: str, listed: tuple[str, ...], automatic: tuple[str, ...]) -> ScopeSet:
    return cached_scopes(granted).scopes.meet(cached_definition(listed).join(cached_definition(automatic)))


def _asked_of(holds: ScopeSet, granted: str, asked: str | None) -> ScopeSet:
    """What the access token gets: what still holds, or the part of it that is asked for."""
    if asked is None:
        return holds
    read = read_asked(asked)
    if read.malformed or not cached_scopes(granted).scopes.covers(read.scopes):
        # RFC 6749 6: no scope that was not granted originally
        raise InvalidScope("scope is wider than what was granted")
    narrowed = read.scopes.meet(holds)
    if not narrowed:
        raise InvalidScope("scope asks for nothing that this client may still have")
    return narrowed


async def _look_at_use(
    server: AuthorizationServer, client: Client, token: RefreshToken
) -> RefreshToken | None:
    """None for a token that was not used; its unused successor where the answer may be asked for again.

    Raises `Reused`, and `InvalidGrant` when another retry was quicker.
    """
    if token.used_at == 0:
        return None
    if token.successor_hash is None or server.now() - token.used_at > client.refresh_retry_seconds:
        raise _reused(token)
    successor = await server.storage.get(REFRESH_TOKENS, token.successor_hash)
    if client.refresh_retry_seconds == 0 or successor is None:
        raise _reused(token)
    if successor.used_at == 0:
        return successor
    if successor.successor_hash is None:
        # set aside, by a retry that came between the two reads: nobody has brought it
        raise InvalidGrant(_BAD, detail="another retry came first")
    raise _reused(token)


def _uses(
    server: AuthorizationServer,
    token: RefreshToken,
    replaced: RefreshToken | None,
    successor: NewRefreshToken,
) -> tuple[Write, ...]:
    now = server.now()
    next_hash = successor.record.token_hash
    if replaced is None:
        used = {"used_at": now, "successor_hash": next_hash}
        return (Change(REFRESH_TOKENS, (token.token_hash,), used, {"used_at": 0}),)
    return (
        Change(REFRESH_TOKENS, (replaced.token_hash,), {"used_at": now}, {"used_at": 0}),
        Change(REFRESH_TOKENS, (token.token_hash,), {"successor_hash": next_hash}),
    )


def _reused(token: RefreshToken) -> Reused:
    return Reused(
        _BAD, grant_id=token.grant_id, detail="the refresh token was used before: its grant is revoked"
    )
