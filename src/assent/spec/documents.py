"""The three discovery documents, computed from what is on: one set of members for all three.

`smart-configuration`, `openid-configuration` and `oauth-authorization-server` name the same server, so none of them can
say what another does not. A capability is named only when the whole behaviour behind it is on (C1).

Sources: SMART App Launch 2.2, conformance (D1-D20); OpenID Connect Discovery 1.0 3; RFC 8414 2; RFC 9207 3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from assent.spec.claims import CLAIMS_OF_SCOPE

Surface = Literal[
    "authorize",
    "launch",
    "introspection",
    "revocation",
    "userinfo",
    "logout",
    "management",
    "registration",
]

DOCUMENT_PATHS: Final = (
    "/.well-known/smart-configuration",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
)
MEMBER_OF_SURFACE: Final[Mapping[str, tuple[str, str]]] = {
    "authorize": ("authorization_endpoint", "/oauth/authorize"),
    "introspection": ("introspection_endpoint", "/oauth/introspect"),
    "revocation": ("revocation_endpoint", "/oauth/token/revoke"),
    "userinfo": ("userinfo_endpoint", "/oauth/userinfo"),
    "logout": ("end_session_endpoint", "/oauth/logout"),
    "management": ("management_endpoint", "/oauth/revoke"),
    "registration": ("registration_endpoint", "/oauth/register"),
}
_SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one issuer does: its registries' names, and which surfaces are on."""

    issuer: str
    surfaces: frozenset[Surface]
    grant_types: tuple[str, ...]
    auth_methods: tuple[str, ...]
    assertion_algs: tuple[str, ...]
    id_token_algs: tuple[str, ...]
    locales: tuple[str, ...] = ()
    custom_scopes: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()

    @property
    def has_code_flow(self) -> bool:
        """Whether people can authorize apps here."""
        return "authorize" in self.surfaces and "authorization_code" in self.grant_types


def discovery_document(on: Capabilities) -> dict[str, Any]:
    """The members of all three documents; every URL is absolute."""
    proving = [method for method in on.auth_methods if method != "none"]
    document: dict[str, Any] = {
        "issuer": on.issuer,
        "jwks_uri": on.issuer + "/.well-known/jwks.json",
        "token_endpoint": on.issuer + "/oauth/token",
        "grant_types_supported": list(on.grant_types),
        "token_endpoint_auth_methods_supported": list(on.auth_methods),
        "scopes_supported": list(_scopes(on)),
        "capabilities": list(_smart_capabilities(on)),
        "code_challenge_methods_supported": ["S256"],
        "response_types_supported": ["code"] if on.has_code_flow else [],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": list(on.id_token_algs),
        "claims_supported": list(_claims()),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,  # OpenID Connect Discovery 3: true where it is left out
        "authorization_response_iss_parameter_supported": True,
    }
    document |= {
        member: on.issuer + path
        for surface, (member, path) in MEMBER_OF_SURFACE.items()
        if surface in on.surfaces
    }
    document |= _auth_members("token_endpoint", on, on.auth_methods)
    if "introspection" in on.surfaces:
        document |= _auth_members("introspection_endpoint", on, proving)
    if "revocation" in on.surfaces:
        document |= _auth_members("revocation_endpoint", on, on.auth_methods)
    if on.acr_values:
        document["acr_values_supported"] = list(on.acr_values)
    if on.locales:
        document["ui_locales_supported"] = list(on.locales)
    return document


def _auth_members(endpoint: str, on: Capabilities, methods: tuple[str, ...] | list[str]) -> dict[str, Any]:
    members: dict[str, Any] = {f"{endpoint}_auth_methods_supported": list(methods)}
    if "private_key_jwt" in methods:
        # RFC 8414 2: required with private_key_jwt
        members[f"{endpoint}_auth_signing_alg_values_supported"] = list(on.assertion_algs)
    return members


def _scopes(on: Capabilities) -> Iterator[str]:
    if on.has_code_flow:
        yield from ("openid", "profile", "email", "fhirUser", "launch/patient", "launch/encounter")
        if "launch" in on.surfaces:
            yield "launch"
        if "refresh_token" in on.grant_types:
            yield from ("offline_access", "online_access")
        for context in ("patient", "user"):
            yield from (f"{context}/*.rs", f"{context}/*.cruds", f"{context}/*.read", f"{context}/*.write")
    if "client_credentials" in on.grant_types:
        yield from ("system/*.rs", "system/*.cruds", "system/*.read", "system/*.write")
    yield from on.custom_scopes


def _claims() -> Iterator[str]:
    yield from ("iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash")
    for claims in CLAIMS_OF_SCOPE.values():
        yield from claims


def _smart_capabilities(on: Capabilities) -> Iterator[str]:
    """SMART App Launch 2.2, conformance: each string stands for a whole behaviour (C1)."""
    if on.has_code_flow:
        yield from ("launch-standalone", "authorize-post", "sso-openid-connect")
        yield from ("context-standalone-patient", "context-standalone-encounter")
        if "launch" in on.surfaces:
            yield from ("launch-ehr", "context-ehr-patient", "context-ehr-encounter")
            yield from ("context-banner", "context-style")
        if "refresh_token" in on.grant_types:
            yield from ("permission-offline", "permission-online")
        yield from ("permission-patient", "permission-user")
    yield from ("permission-v1", "permission-v2")
    if "none" in on.auth_methods:
        yield "client-public"
    if _SECRET_METHODS & set(on.auth_methods):
        yield "client-confidential-symmetric"
    if "private_key_jwt" in on.auth_methods:
        yield "client-confidential-asymmetric"
