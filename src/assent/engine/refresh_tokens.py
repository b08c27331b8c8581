"""Refresh tokens: when there is one, how long it is good, and what is stored of it.

Sources: RFC 6749 1.5, RFC 9700 4.14 (rotation); SMART App Launch 2.2 (T14: `offline_access`, `online_access`).
"""

from dataclasses import dataclass, field

from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import Grant, RefreshToken
from assent.spec.scope_sets import ScopeSet


@dataclass(frozen=True, slots=True)
class NewRefreshToken:
    """A refresh token that is about to be given out: its text, once, and its record."""

    text: str = field(repr=False)
    record: RefreshToken


def may_refresh(server: AuthorizationServer, client: Client, grant: Grant, scope: ScopeSet) -> bool:
    """Whether this client may have a refresh token on this grant, of which `scope` holds now."""
    return (
        "refresh_token" in client.grant_types
        and not {"offline_access", "online_access"}.isdisjoint(scope.names)
        and server.now() < grant.expires_at
    )


def new_refresh_token(server: AuthorizationServer, grant: Grant, scope: str) -> NewRefreshToken:
    """A fresh token for a grant, good until it is idle too long or the grant ends.

    `scope` is the most that it may ever be used for; what it gives is that within what the grant still holds.
    """
    now = server.now()
    text = new_handle(server)
    record = RefreshToken(
        token_hash=hash_handle(text),
        grant_id=grant.grant_id,
        client_id=grant.client_id,
        scope=scope,
        created_at=now,
        expires_at=min(now + server.settings.refresh_idle_seconds, grant.expires_at),
    )
    return NewRefreshToken(text, record)
