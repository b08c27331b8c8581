"""One of our own access tokens, looked at as it is worth now: by the gateway, userinfo, introspection, launch.

Signature and expiry are not enough: the grant may be revoked or narrowed, the token taken back, the client or the
person switched off. All of that is read each time. No leeway: the clock is ours.
Sources: RFC 6750 2.1, RFC 9068 4, SMART App Launch 2.2 (T8, T10).
"""

from dataclasses import dataclass
from typing import Any

from assent.engine.authorize.scope import cached_scopes, still_granted
from assent.engine.issue import ACCESS_TOKEN_TYPE
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.errors import InvalidToken
from assent.spec.jose import BadToken
from assent.spec.scope_sets import ScopeSet
from assent.storage.tables import CLIENTS, REVOKED_TOKENS, TOKEN_SCOPES

_NOT_VALID = "the access token is not valid"


class NobodysToken(InvalidToken):
    """No token, or one that no key of ours signed: it does not say who is asking."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A good access token: its claims, its client, and, where a person granted it, grant and person.

    `scope` is what the token is worth now: what it was issued for, within what its grant still holds. `grant` and
    `person` are None for a client acting on its own.
    """

    claims: dict[str, Any]
    scope: ScopeSet
    client: Client
    grant: Grant | None
    person: Person | None


def read_bearer_header(authorization: str | None) -> str:
    """The token of an Authorization header. Raises `NobodysToken` when there is none (RFC 6750 2.1)."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NobodysToken("a bearer token is required")
    return token.strip()


async def read_bearer(server: AuthorizationServer, authorization: str | None) -> Bearer:
    """The bearer of an Authorization header. Raises `InvalidToken`."""
    return await look_at_token(server, read_bearer_header(authorization))


async def look_at_token(server: AuthorizationServer, token: str, known: Client | None = None) -> Bearer:
    """What an access token of this issuer is worth now. Raises `InvalidToken`; `detail` says why, for the log.

    `known`: a client that was read for this very request; it is not read again if the token is its own.
    """
    try:
        claims = await server.keys.verify(token, ACCESS_TOKEN_TYPE)
    except BadToken as error:
        raise NobodysToken(_NOT_VALID, detail=str(error)) from error
    if claims.get("iss") != server.issuer.url or claims.get("aud") != server.issuer.fhir_base:
        raise _refused("of another issuer or for another FHIR server")
    if int(claims["exp"]) <= server.now():
        raise _refused("expired")
    storage = server.storage
    client_id = claims["client_id"]
    client = known
    if client is None or client.client_id != client_id:
        client = await storage.get(CLIENTS, client_id)
    if client is None or not client.enabled:
        raise _refused("the client is switched off")
    if await storage.get(REVOKED_TOKENS, claims["jti"]) is not None:
        raise _refused("taken back")
    issued = await _scope(server, claims)
    grant_id = claims.get("gid")
    if grant_id is None:
        return Bearer(claims, cached_scopes(issued).scopes, client, None, None)
    live = await look_at_grant(server, grant_id)
    if isinstance(live, Ended):
        raise _refused(live.because)
    scope = still_granted(issued, live.grant.scope)
    if issued and not scope:
        raise _refused("all that it was issued for was taken back")
    return Bearer(claims, scope, client, live.grant, live.person)


async def _scope(server: AuthorizationServer, claims: dict[str, Any]) -> str:
    """The scope that an access token was issued for."""
    text: str | None = claims.get("scope")
    if text is not None:
        return text
    kept = await server.storage.get(TOKEN_SCOPES, claims["jti"])
    if kept is None:
        raise _refused("its scope is not remembered")
    return kept.scope


def _refused(detail: str) -> InvalidToken:
    return InvalidToken(_NOT_VALID, detail=detail)
