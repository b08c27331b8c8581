"""Introspection: whether a token is good now, and what it stands for, told to those who may know.

A client may ask about its own tokens or any, as its definition says; a bearer of the scope `token:introspect` about
any (SMART 2.2, N5). A token that is unknown, ended or somebody else's is `{"active": false}` and nothing more.
Sources: RFC 7662 2; SMART App Launch 2.2, token-introspection (N1-N6).
"""

from dataclasses import dataclass
from typing import Any

from assent.engine.authorize.scope import still_granted
from assent.engine.bearer import look_at_token, read_bearer
from assent.engine.client_auth import Presented, authenticate
from assent.engine.handles import hash_handle
from assent.engine.issue import acting_for_of, fhir_user_of, subject_of
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.refusals import burn, record_refusal
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import Grant, RefreshToken
from assent.records.people import Person
from assent.spec.errors import AccessDenied, InsufficientScope, InvalidToken, OAuthError
from assent.spec.scope_sets import ScopeSet
from assent.storage.tables import CLIENTS, REFRESH_TOKENS

INTROSPECT_SCOPE = "token:introspect"
REFUSED = "introspection.refused"
INACTIVE: dict[str, Any] = {"active": False}


@dataclass(frozen=True, slots=True)
class Asker:
    """The client that asks, and whether it may know of other clients' tokens."""

    client: Client
    sees_any: bool

    def may_see(self, client_id: str) -> bool:
        """Whether it may know of this client's tokens."""
        return self.sees_any or client_id == self.client.client_id


async def introspect(server: AuthorizationServer, presented: Presented) -> dict[str, Any]:
    """The answer about `token`. Raises `InvalidClient`, `InvalidRequest`, `AccessDenied`, `InvalidToken`."""
    try:
        asker = await _asker(server, presented)
        token = presented.params.required("token")
    except OAuthError as refusal:
        await record_refusal(server, presented, refusal, REFUSED)
        raise
    if "." in token:
        return await _look_at_access_token(server, token, asker)
    return await _look_at_refresh_token(server, token, asker)


async def _asker(server: AuthorizationServer, presented: Presented) -> Asker:
    """Who asks. A bearer of the scope may know of any client's tokens (N5)."""
    scheme = (presented.authorization or "").partition(" ")[0]
    if scheme.lower() == "bearer":
        bearer = await read_bearer(server, presented.authorization)
        if not bearer.scope.has(INTROSPECT_SCOPE):
            raise InsufficientScope(f"the scope {INTROSPECT_SCOPE} is required")
        return Asker(bearer.client, sees_any=True)
    authenticated = await authenticate(server, presented)
    await burn(server, authenticated)
    client = authenticated.client
    if client.can_introspect == "none" or client.token_endpoint_auth_method == "none":
        # RFC 7662 2.1: some form of authorization is required, against scanning for tokens
        raise AccessDenied("this client may not introspect tokens")
    return Asker(client, sees_any=client.can_introspect == "any")


async def _look_at_access_token(server: AuthorizationServer, token: str, asker: Asker) -> dict[str, Any]:
    try:
        bearer = await look_at_token(server, token, asker.client)
    except InvalidToken:
        return INACTIVE
    if not asker.may_see(bearer.client.client_id):
        return INACTIVE  # RFC 7662 2.2: about a token that the caller is not to know, too
    claims = bearer.claims
    return {
        **(bearer.grant.context if bearer.grant else {}),
        **_about(server, bearer.client, bearer.grant, bearer.person, bearer.scope),
        "token_type": "Bearer",
        "aud": claims["aud"],
        "exp": claims["exp"],
        "iat": claims["iat"],
        "jti": claims["jti"],
    }


async def _look_at_refresh_token(server: AuthorizationServer, token: str, asker: Asker) -> dict[str, Any]:
    stored = await server.storage.get(REFRESH_TOKENS, hash_handle(token))
    if stored is None or stored.used_at or stored.expires_at <= server.now():
        return INACTIVE
    if not asker.may_see(stored.client_id):
        return INACTIVE
    return await _about_refresh_token(server, stored)


async def _about_refresh_token(server: AuthorizationServer, stored: RefreshToken) -> dict[str, Any]:
    client = await server.storage.get(CLIENTS, stored.client_id)
    live = await look_at_grant(server, stored.grant_id)
    if client is None or not client.enabled or isinstance(live, Ended):
        return INACTIVE
    scope = still_granted(stored.scope, live.grant.scope)
    return {
        **live.grant.context,
        **_about(server, client, live.grant, live.person, scope),
        "exp": stored.expires_at,
        "iat": stored.created_at,
    }


def _about(
    server: AuthorizationServer, client: Client, grant: Grant | None, person: Person | None, scope: ScopeSet
) -> dict[str, Any]:
    """What is the same for both kinds (N2, N4)."""
    about: dict[str, Any] = {
        "active": True,
        "scope": scope.text,
        "client_id": client.client_id,
        "iss": server.issuer.url,
        "sub": client.client_id,
    }
    if grant is not None and person is not None:
        about["sub"] = subject_of(server, client, person.person_id)
        about["username"] = person.username
        fhir_user = fhir_user_of(server, grant, scope)
        if fhir_user is not None:
            about["fhirUser"] = fhir_user
        about |= acting_for_of(server, grant)
    return about
