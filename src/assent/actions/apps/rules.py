"""How the fields of a client have to agree, whichever way they came in.

Sources: RFC 7591 2 and 2.1 (grant and response types; jwks or jwks_uri), RFC 6749 2.1, 4.4 (public clients),
SMART App Launch 2.2 client-confidential-asymmetric (keys).
"""

from collections.abc import Iterator

from assent.actions.permissions.grounds import without_effect
from assent.records.clients import Client
from assent.spec.scope_sets import ScopeSet, read_scope_definition
from assent.spec.scopes import ResourceScope, wire_text
from assent.spec.shown_text import mixes_scripts, shown_text

SECRET_METHODS = ("client_secret_basic", "client_secret_post")


def client_mistakes(client: Client) -> list[tuple[str, str]]:
    """Every disagreement, as the place of a field (`.jwks`) and the rule; empty when all is well."""
    return [*_authentication(client), *_grants(client), *_scopes(client), *_secrets(client)]


def needs_secret(client: Client) -> bool:
    """Whether the client can do nothing without a secret, and has none."""
    return client.token_endpoint_auth_method in SECRET_METHODS and not client.secrets


def client_warnings(client: Client) -> list[str]:
    """What is allowed and probably not meant, for `assent check`."""
    found = []
    if needs_secret(client):
        found.append("has no secret and cannot sign in: assent client secret add")
    has_system = any(
        isinstance(scope, ResourceScope) and scope.context == "system"
        for scope in read_scope_definition(client.scope)
    )
    if has_system and client.token_endpoint_auth_method in SECRET_METHODS:
        found.append(
            "may have system/ scopes with a secret; SMART Backend Services wants keys (private_key_jwt)"
        )
    if has_system and "client_credentials" in client.grant_types and not (client.permissions or client.roles):
        found.append(
            "may have system/ scopes and has no permissions, so that the gateway refuses it everything"
        )
    idle = without_effect(client.permissions)
    if idle:
        found.append(f"has permissions that have no effect here: {', '.join(idle)}")
    if client.pkce == "optional":
        found.append("does not have to use PKCE, which SMART App Launch requires")
    if any(mixes_scripts(name) for name in (client.client_name, client.publisher or "")):
        found.append(
            "mixes letters of scripts that look alike in a word of its name: it may imitate another app"
        )
    if not shown_text(client.client_name):
        found.append("has no name that can be shown, so that people are shown its client_id")
    return found


def _authentication(client: Client) -> Iterator[tuple[str, str]]:
    method = client.token_endpoint_auth_method
    if client.jwks is not None and client.jwks_uri is not None:
        yield ".jwks_uri", "must not be there together with jwks (RFC 7591 2)"
    if method == "private_key_jwt" and client.jwks is None and client.jwks_uri is None:
        yield ".jwks", "is required for private_key_jwt, or jwks_uri in its place"
    if method == "none" and client.secrets:
        yield ".secrets", "a public client (token_endpoint_auth_method none) cannot have secrets"
    if method == "none" and "client_credentials" in client.grant_types:
        yield ".grant_types", "a public client cannot have client_credentials (RFC 6749 4.4)"


def _grants(client: Client) -> Iterator[tuple[str, str]]:
    has_code = "authorization_code" in client.grant_types
    if not client.grant_types:
        yield ".grant_types", "must name at least one grant"
    if has_code != ("code" in client.response_types):
        yield (
            ".response_types",
            "must be code with the grant authorization_code, and empty without (RFC 7591 2.1)",
        )
    if has_code and not client.redirect_uris:
        yield ".redirect_uris", "is required for the grant authorization_code"
    if "refresh_token" in client.grant_types and not has_code:
        yield ".grant_types", "refresh_token needs authorization_code beside it"


def _scopes(client: Client) -> Iterator[tuple[str, str]]:
    listed = read_scope_definition(client.scope).join(read_scope_definition(client.auto_grant_scope))
    for name in ("auto_approve_scope", "required_scope"):
        for scope in read_scope_definition(getattr(client, name)):
            if not listed.meet(ScopeSet((scope,))):
                yield f".{name}", f"{wire_text(scope)!r} has no effect: it meets nothing in scope"


def _secrets(client: Client) -> Iterator[tuple[str, str]]:
    for index, secret in enumerate(client.secrets):
        begins, ends = secret.activates_at, secret.expires_at
        if begins is not None and ends is not None and ends <= begins:
            yield f".secrets[{index}].expires_at", "must be after activates_at"
