"""What a refused request leaves behind: an audit row, and the evidence that it used up.

A client assertion is good once even for a request that then fails: its `jti` is remembered in the act of the refusal.
Source: RFC 7523 3 (7).
"""

from assent.engine.client_auth import FAILED, Authenticated, Presented
from assent.engine.events import audit_event, commit
from assent.engine.server import AuthorizationServer
from assent.spec.errors import InvalidClient, OAuthError
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
    """Commits the row of a refusal after `writes`. Raises `InvalidClient` when those were written before: a replay."""
    detail = {"error": refusal.code, "description": refusal.description, "detail": refusal.detail}
    for name in ("grant_type", "client_id"):
        if name in presented.params:
            detail[name] = presented.params[name][:200]
    event = audit_event(server, type_, "refused", caller=presented.caller, client_id=client_id, detail=detail)
    if not (await commit(server, *writes, event=event)).all:
        await record_refusal(server, presented, replayed(), type_, client_id)
        raise replayed() from refusal
