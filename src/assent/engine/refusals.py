"""What a refused request leaves behind: an audit row, and the evidence that it used up.

A client assertion is good once even for a request that then fails: its `jti` is remembered in the act of the refusal.
Refusals are counted by client and address: beyond the limit they leave no rows, so that nobody fills the audit log.
What is good is not counted and not asked about: a client is slowed down by nobody's mistakes, not even by its own.
Sources: RFC 7523 3 (7), RFC 6585 4.
"""

import hashlib

from assent.engine.client_auth import FAILED, Authenticated, Presented, claimed_client_id
from assent.engine.events import audit_event, commit
from assent.engine.rate_limits import RateLimit, count_place
from assent.engine.server import AuthorizationServer
from assent.spec.errors import InvalidClient, OAuthError, TooManyRequests
from assent.storage.interface import Act, Write


def replayed() -> InvalidClient:
    """The refusal of an assertion whose `jti` was seen before (SMART 2.2, K9)."""
    return InvalidClient(FAILED, detail="client_assertion: jti was used before")


async def burn(server: AuthorizationServer, authenticated: Authenticated) -> None:
    """Uses up the client's evidence by itself, where nothing else is written. Raises `InvalidClient` on a replay."""
    if authenticated.writes and not (await server.storage.commit(Act(authenticated.writes))).all:
        raise replayed()


async def record_refusal(
    server: AuthorizationServer,
    presented: Presented,
    refusal: OAuthError,
    type_: str,
    client_id: str | None = None,
    writes: tuple[Write, ...] = (),
) -> None:
    """Commits the row of a refusal after `writes`. Raises `InvalidClient` when those were written before: a replay.

    Raises `TooManyRequests`, leaving no row, when this client was refused too often from this address.
    """
    try:
        await _count(server, presented, type_, client_id)
    except TooManyRequests as slow:
        await server.storage.commit(Act(writes))
        slow.detail = refusal.detail or refusal.description
        raise slow from refusal
    detail = {"error": refusal.code, "description": refusal.description, "detail": refusal.detail}
    for name in ("grant_type", "client_id"):
        if name in presented.params:
            detail[name] = presented.params[name][:200]
    event = audit_event(server, type_, "refused", caller=presented.caller, client_id=client_id, detail=detail)
    if not (await commit(server, *writes, event=event)).all:
        await record_refusal(server, presented, replayed(), type_, client_id)
        raise replayed() from refusal


async def _count(
    server: AuthorizationServer, presented: Presented, type_: str, client_id: str | None
) -> None:
    limit = RateLimit(type_, server.settings.refusals_per_minute, 60)
    claimed = client_id or claimed_client_id(server, presented) or ""
    # names that are made up share sixteen counts, so that an address fills no table with them
    share = hashlib.sha256(claimed.encode("utf-8", "surrogatepass")).hexdigest()[0]
    await count_place(server, limit, share, caller=presented.caller, client_id=client_id)
