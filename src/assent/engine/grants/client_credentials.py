"""`client_credentials`: what a client may do on its own, within the list of its definition.

Sources: RFC 6749 4.4; SMART App Launch 2.2, backend-services (B1-B7, B10).
"""

from functools import lru_cache

from assent.engine.authorize.scope import (
    MAX_REMEMBERED_SCOPE,
    cached_definition,
    cached_scopes,
    check_constrained,
    read_asked,
)
from assent.engine.grants import ByClient
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.spec.errors import InvalidScope, UnauthorizedClient
from assent.spec.params import Params
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import LaunchScope, NamedScope, Scope

_ABOUT_A_PERSON = frozenset(
    {"openid", "fhirUser", "profile", "email", "phone", "address", "online_access", "offline_access"}
)


class ClientCredentials:
    """The grant of a client that acts for nobody but itself."""

    name = "client_credentials"

    async def authorize(self, server: AuthorizationServer, client: Client, params: Params) -> ByClient:
        """Asked ∩ listed, or all that is listed. Raises `UnauthorizedClient`, `InvalidScope`."""
        if client.token_endpoint_auth_method == "none":
            # RFC 6749 4.4: confidential clients only
            raise UnauthorizedClient("a public client cannot act on its own")
        asked = params.get("scope")
        if asked is not None:
            read_asked(asked)
        if client.client_credentials_scope == "all":
            asked = None
        if server.settings.unknown_scope == "refuse" and asked is not None:
            _check_all_listed(asked, client)
        scope = _scope_of_its_own(asked, client.scope)
        if not scope:
            raise InvalidScope("scope asks for nothing that this client may have on its own")
        check_constrained(scope)
        return ByClient(client, scope)


def _scope_of_its_own(asked: str | None, listed: tuple[str, ...]) -> ScopeSet:
    if asked is None or len(asked) <= MAX_REMEMBERED_SCOPE:
        return _remembered_meet(asked, listed)
    return _meet(asked, listed)


@lru_cache(maxsize=4096)
def _remembered_meet(asked: str | None, listed: tuple[str, ...]) -> ScopeSet:
    return _meet(asked, listed)


def _meet(asked: str | None, listed: tuple[str, ...]) -> ScopeSet:
    own = ScopeSet.of(scope for scope in cached_definition(listed) if _is_of_its_own(scope))
    return own if asked is None else cached_scopes(asked).scopes.meet(own)


def _check_all_listed(asked: str, client: Client) -> None:
    read = cached_scopes(asked)
    own = _scope_of_its_own(None, client.scope)
    unmet = [
        text
        for scope, text in zip(read.scopes, read.scopes.texts, strict=True)
        if not ScopeSet((scope,)).meet(own)
    ]
    if read.malformed or unmet:
        raise InvalidScope(
            "scope asks for more than this client may have", detail=f"not listed: {[*read.malformed, *unmet]}"
        )


def _is_of_its_own(scope: Scope) -> bool:
    """Whether a scope means anything without a person. `patient/` and `user/` may: who, is agreed elsewhere (B10)."""
    if isinstance(scope, NamedScope):
        return scope.name not in _ABOUT_A_PERSON
    return not isinstance(scope, LaunchScope)
