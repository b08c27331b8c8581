"""A client's definition: JSON in, frozen values out, and back again.

Names and meanings are those of RFC 7591 2 where it has them, else of the product. Owns each field by itself; how the
fields have to agree is `rules`'. Unknown members of a JWK are accepted and kept (RFC 7517 4), private ones
refused; any other unknown field is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assent.actions.definitions import (
    Reader,
    Wrong,
    checked,
    choice,
    default_of,
    flag,
    instant,
    list_of,
    matching,
    nearest,
    object_of,
    read_fields,
    text,
    whole,
    without_shown,
    wrong,
)
from assent.actions.key_definition import jwk, jwks_of, named
from assent.actions.permissions.definition import permission_definition, read_permission_definition
from assent.records.clients import Client
from assent.spec.jose import read_public_key
from assent.spec.redirects import check_redirect_uri_definition, check_web_uri_definition
from assent.spec.scope_sets import read_scope_definition
from assent.spec.scopes import MalformedScope

AUTH_METHODS: Final = (
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
)
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials")
LONGEST_ACCESS_TOKEN_SECONDS: Final = 86400  # retired keys are published for as long
LONGEST_GRANT_SECONDS: Final = 10 * 366 * 86400
MOST_SECRETS: Final = 10  # each of them may cost a slow hash at every wrong attempt
_MOST_SCOPES: Final = 500
_REASONS: Final = f"must be an object of at most {_MOST_SCOPES} scopes and the words for each"
_SCOPE_FIELDS: Final = ("scope", "auto_approve_scope", "auto_grant_scope", "required_scope")


@dataclass(frozen=True, slots=True)
class GivenSecret:
    """A secret as a definition brings it. One that is named by its `id` alone, as it is shown, is one that the client
    has already.
    """

    secret: str | None = field(repr=False)
    description: str
    activates_at: int | None = None
    expires_at: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ClientDefinition:
    """What a definition says: the fields that it names, and secrets where it names them (None: nothing said)."""

    values: Mapping[str, Any]
    secrets: tuple[GivenSecret, ...] | None

    @property
    def client_id(self) -> str | None:
        """The client_id, where the definition names one."""
        return self.values.get("client_id")


def read_client_definition(document: Any) -> ClientDefinition:
    """The definition in a JSON object; fields left out are not in it, nor is what is only shown. Raises `Wrong`."""
    found = read_fields(without_shown(document, CLIENT_SHOWN), CLIENT_FIELDS)
    secrets = (found.pop("secrets") or ()) if "secrets" in found else None
    values = {name: default_of(Client, name) if value is None else value for name, value in found.items()}
    return ClientDefinition(values, secrets)


def client_definition(client: Client) -> dict[str, Any]:
    """The definition of a client, as JSON: what can be read again. Secrets are never in it, nor what is not set."""
    shown: dict[str, Any] = {}
    for name in CLIENT_FIELDS:
        value = None if name == "secrets" else getattr(client, name)
        if value is None or (value == () and name not in ("grant_types", "response_types")):
            continue
        if name in _SCOPE_FIELDS:
            shown[name] = " ".join(value)
        elif name == "permissions":
            shown[name] = [permission_definition(permission) for permission in value]
        else:
            shown[name] = list(value) if isinstance(value, tuple) else value
    return shown


def _read_scopes(value: Any) -> tuple[str, ...]:
    """Scopes as RFC 7591 writes them, one text with spaces; a list of scopes is understood, too."""
    if isinstance(value, str):
        words = value.split()
    elif isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = value
    else:
        raise wrong("must be a text of scopes with a space between them")
    if len(words) > _MOST_SCOPES:
        raise wrong(f"must have at most {_MOST_SCOPES} scopes")
    mistakes: list[tuple[str, str]] = []
    for word in words:
        try:
            read_scope_definition([word])
        except MalformedScope as error:
            mistakes.append(("", str(error)))
    if mistakes:
        raise Wrong(*mistakes)
    return tuple(dict.fromkeys(words))


def _read_scope(value: str) -> None:
    try:
        read_scope_definition([value])
    except MalformedScope as error:
        raise wrong(error.rule) from error


def _read_secret(value: Any) -> GivenSecret:
    readers: dict[str, Reader] = {
        "description": text(200),
        "secret": matching(r"[\x21-\x7e]{1,512}", "must have 1 to 512 printable ASCII characters"),
        "activates_at": instant,
        "expires_at": instant,
        "id": text(100),
    }
    is_shown = isinstance(value, dict) and value.get("id") is not None
    found = read_fields(value, readers, required=() if is_shown else ("secret",))
    return GivenSecret(
        found.get("secret"),
        found.get("description") or "",
        found.get("activates_at"),
        found.get("expires_at"),
        found.get("id"),
    )


def _read_client_id(value: Any) -> str:
    """Visible ASCII (RFC 6749 A.1); not `u-…`, which is how the `sub` of people begins."""
    found: str = matching(r"[\x21-\x7e]{1,200}", "must have 1 to 200 visible ASCII characters")(value)
    if found.lower().startswith("u-"):
        raise wrong("must not begin with u-, as the identifiers of people do")
    return found


def _read_grant_type(value: Any) -> str:
    if value in ("implicit", "password"):
        raise wrong(f"{value} is not offered: it is insecure (RFC 9700 2.1.2, 2.4)")
    if value not in GRANT_TYPES:
        hint = nearest(value, GRANT_TYPES) if isinstance(value, str) else ""
        raise wrong(f"must be one of {', '.join(GRANT_TYPES)}{hint}")
    return str(value)


_redirect_uris: Final = list_of(checked(check_redirect_uri_definition))
_web_uri: Final = checked(check_web_uri_definition)

CLIENT_FIELDS: Final[Mapping[str, Reader]] = {
    "client_id": _read_client_id,
    "client_name": text(200),
    "enabled": flag,
    "redirect_uris": _redirect_uris,
    "launch_uris": list_of(_web_uri),
    "grant_types": list_of(_read_grant_type),
    "response_types": list_of(choice("code")),
    "token_endpoint_auth_method": choice(*AUTH_METHODS),
    "jwks": jwks_of(named(jwk(read_public_key))),  # an assertion names its key by `kid` (SMART 2.2)
    "jwks_uri": _web_uri,
    "secrets": list_of(_read_secret, MOST_SECRETS),
    "scope": _read_scopes,
    "auto_approve_scope": _read_scopes,
    "auto_grant_scope": _read_scopes,
    "required_scope": _read_scopes,
    "scope_reasons": object_of(_read_scope, text(300), _REASONS, _MOST_SCOPES),
    "remember_approved_scopes": flag,
    "always_require_approval": flag,
    "offline_choices": list_of(whole(0, LONGEST_GRANT_SECONDS), 20),
    "access_token_seconds": whole(1, LONGEST_ACCESS_TOKEN_SECONDS),
    "refresh_token_seconds": whole(1, LONGEST_GRANT_SECONDS),
    "refresh_retry_seconds": whole(0, 3600),
    "pkce": choice("required", "optional"),
    "assertion_profile": choice("smart", "udap", "fapi2"),
    "permissions": list_of(read_permission_definition),
    "roles": list_of(text(100), 50),
    "client_credentials_scope": choice("requested", "all"),
    "can_introspect": choice("own", "any", "none"),
    "terms_version": text(100),
    "client_uri": _web_uri,
    "publisher": text(200),
    "logo_uri": _web_uri,
    "policy_uri": _web_uri,
    "tos_uri": _web_uri,
    "contacts": list_of(text(300), 20),
    "reviewed_at": instant,
    "managed_by_portal": flag,
    "attestation_accepted": flag,
    "post_logout_redirect_uris": _redirect_uris,
    "backchannel_logout_uri": _web_uri,
    "subject_type": choice("public", "pairwise"),
    "require_pushed_authorization_requests": flag,
    "dpop_bound_access_tokens": flag,
}
"""Every field of a definition, in the order in which definitions are written."""

CLIENT_SHOWN: Final = ("logo_state", "logo_tried_at", "logo_reason")
"""What is shown beside a definition, and is passed over where it is brought back."""
