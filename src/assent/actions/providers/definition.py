"""A provider's definition: JSON in, frozen values out, and back again.

Names are those of OpenID Connect Discovery 3 and Dynamic Registration 2 where they have them. Owns each field by
itself; how the fields have to agree is `rules`'. Secrets and private keys are accepted and never shown again;
any unknown field is refused with the nearest name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from assent.actions.definitions import (
    Reader,
    Wrong,
    checked,
    choice,
    default_of,
    flag,
    list_of,
    matching,
    object_of,
    read_fields,
    text,
    whole,
    wrong,
)
from assent.actions.key_definition import jwk, jwks_of, named
from assent.identity.mapping import BadRule, read_rules
from assent.records.providers import ClaimMapping, Provider
from assent.spec.jose import SIGNING_ALGS, VERIFYING_ALGS, read_private_key, read_verifying_key
from assent.spec.person_fields import FHIR_USER_TYPES
from assent.spec.redirects import check_web_uri_definition, origin_of
from assent.spec.resource_types import LOWER_CASE_TYPES

AUTH_METHODS: Final = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
LONGEST_LEEWAY_SECONDS: Final = 60
RESERVED_NAMES: Final = frozenset(
    {"local", "ldap", "oidc", "saml", "header", "certificate", "mock", "passkey", "callback"}
)
_RESERVED_PARAMETERS: Final = frozenset(
    {
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "max_age",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
    }
)


@dataclass(frozen=True, slots=True)
class ProviderDefinition:
    """What a definition says: the fields that it names, and our credentials where it names them."""

    values: Mapping[str, Any]
    client_secret: str | None = field(default=None, repr=False)
    client_key: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def name(self) -> str | None:
        """The provider's name, where the definition says it."""
        return self.values.get("name")


def read_provider_definition(document: Any) -> ProviderDefinition:
    """The definition in a JSON object; fields left out are not in it. Raises `Wrong`."""
    found = read_fields(document, PROVIDER_FIELDS)
    secret, key = found.pop("client_secret", None), found.pop("client_key", None)
    stored = {_STORED_AS.get(name, name): value for name, value in found.items()}
    values = {name: default_of(Provider, name) if value is None else value for name, value in stored.items()}
    return ProviderDefinition(values, secret, key)


def provider_definition(provider: Provider) -> dict[str, Any]:
    """The definition of a provider, as JSON: what can be read again. Never a secret or a key, nor what is not set."""
    shown: dict[str, Any] = {}
    for name in PROVIDER_FIELDS:
        if name in _CREDENTIALS:
            continue
        value = getattr(provider, _STORED_AS.get(name, name))
        if value is None or value in ((), {}, ""):
            continue
        if name == "scope":
            shown[name] = " ".join(value)
        elif name == "claims":
            if value != ClaimMapping():
                shown[name] = _shown_claims(value)
        else:
            shown[name] = list(value) if isinstance(value, tuple) else value
    return shown


def _shown_claims(mapping: ClaimMapping) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for one in fields(ClaimMapping):
        value = getattr(mapping, one.name)
        if one.name == "launch_contexts":
            if value:
                shown[one.name] = {type_: list(names) for type_, names in value.items()}
        elif value != one.default:
            shown[one.name] = list(value)
    return shown


def _read_name(value: Any) -> str:
    """What is in URLs and in identities: for ever the same."""
    found: str = matching(r"[a-z0-9][a-z0-9-]{0,39}", "must have 1 to 40 of a-z, 0-9 and -")(value)
    if found in RESERVED_NAMES:
        raise wrong("is the name of a sign-in module or page: choose another")
    return found


def _read_scopes(value: Any) -> tuple[str, ...]:
    words: list[str] = text()(value).split()
    for word in words:
        matching(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}", "must be scopes with a space between them")(word)
    return tuple(dict.fromkeys(words))


def _read_claim_names(value: Any) -> tuple[str, ...]:
    """One claim, or several of which the first that has a value counts; an empty list takes nothing."""
    read_name = matching(r"[\x21-\x7e]{1,200}", "must be the name of a claim")
    if isinstance(value, str):
        return (read_name(value),)
    names: tuple[str, ...] = list_of(read_name, 10)(value)
    return names


def _read_context_type(name: str) -> None:
    if name not in LOWER_CASE_TYPES:
        raise wrong("must be the type of a launch context, such as patient")


def _read_claims(value: Any) -> ClaimMapping:
    readers: dict[str, Reader] = {one.name: _read_claim_names for one in fields(ClaimMapping)}
    found = read_fields(value, {**readers, "launch_contexts": _read_contexts})
    if found.get("username") == ():
        raise Wrong((".username", "must name at least one claim"))
    return ClaimMapping(**{name: names for name, names in found.items() if names is not None})


def _read_parameter_name(name: str) -> None:
    if name in _RESERVED_PARAMETERS:
        raise wrong("is what this server says itself")
    matching(r"[A-Za-z0-9_.-]{1,60}", "must be the name of a parameter")(name)


def _read_private_jwk(value: Any) -> dict[str, Any]:
    """A private JWK with the `kid` by which the provider knows it, and the `alg` that it signs with."""
    found: dict[str, Any] = named(jwk(read_private_key))(value)
    alg = choice(*SIGNING_ALGS)(found.get("alg"))
    if found["kty"] != ("EC" if alg.startswith("ES") else "RSA"):
        raise Wrong((".alg", "does not fit the key"))
    return found


def _read_rule(value: Any) -> str:
    rule: str = text(300)(value)
    try:
        read_rules((rule,))
    except BadRule as error:
        raise wrong(str(error)) from error
    return rule


_web_uri: Final = checked(check_web_uri_definition)
_read_contexts: Final = object_of(
    _read_context_type, _read_claim_names, "must be an object of launch context types and the claim for each"
)
_read_parameters: Final = object_of(
    _read_parameter_name, text(), "must be an object of at most 20 parameters and their texts", 20
)
_TENANT: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _read_issuer(value: Any) -> str:
    if isinstance(value, str) and "{" in value:
        raise wrong(
            "must name a tenant where it has a place for one; for people of several tenants enter the address for all"
            " of them (…/organizations/v2.0) and list the tenants in allowed_tenants"
        )
    issuer: str = _web_uri(value)
    return issuer


def _read_origin(value: Any) -> str:
    """An origin as browsers write it: exactly that one, and never a pattern."""
    origin: str = _web_uri(value)
    if origin_of(origin) != origin:
        raise wrong(
            "must be an origin alone, as browsers write it: https://app.example, without a slash at its end"
        )
    return origin


PROVIDER_FIELDS: Final[Mapping[str, Reader]] = {
    "name": _read_name,
    "title": text(100),
    "enabled": flag,
    "trusted_for": list_of(choice("sign_in", "resource_server")),
    "issuer": _read_issuer,
    "discovery": flag,
    "authorization_endpoint": _web_uri,
    "token_endpoint": _web_uri,
    "userinfo_endpoint": _web_uri,
    "jwks_uri": _web_uri,
    "jwks": jwks_of(jwk(read_verifying_key)),
    "introspection_endpoint": _web_uri,
    "end_session_endpoint": _web_uri,
    "client_id": matching(r"[\x20-\x7e]{1,300}", "must have 1 to 300 printable ASCII characters"),
    "token_endpoint_auth_method": choice(*AUTH_METHODS),
    "client_secret": matching(r"[\x20-\x7e]{1,2000}", "must have 1 to 2000 printable ASCII characters"),
    "client_key": _read_private_jwk,
    "assertion_alg": choice(*SIGNING_ALGS),
    "assertion_audience": choice("token_endpoint", "issuer"),
    "scope": _read_scopes,
    "authorization_parameters": _read_parameters,
    "id_token_algs": list_of(choice(*VERIFYING_ALGS)),
    "leeway_seconds": whole(0, LONGEST_LEEWAY_SECONDS),
    "ask_userinfo": flag,
    "sign_out_there": flag,
    "claims": _read_claims,
    "username_prefix": matching(
        r"[A-Za-z0-9._:@|+-]{0,40}", "must have at most 40 of A-Z, a-z, 0-9 and ._:@|+-"
    ),
    "fhir_user_type": choice(*FHIR_USER_TYPES),
    "fhir_base": _web_uri,
    "permission_rules": list_of(_read_rule),
    "token_validation": choice("jwt", "introspection"),
    "token_audience": text(2000),
    "token_rights": choice("account", "provider"),
    "allowed_origins": list_of(_read_origin, 100),
    "allowed_tenants": list_of(matching(_TENANT, "must be a tenant's id, in lower case"), 1000),
    "frontchannel_logout": flag,
}
"""Every field of a definition, in the order in which definitions are written."""

_CREDENTIALS: Final = ("client_secret", "client_key")
_STORED_AS: Final = {"issuer": "iss"}
