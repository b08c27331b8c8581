"""A provider elsewhere that this issuer trusts: OpenID providers that sign people in, issuers of access tokens."""

from dataclasses import dataclass, field
from typing import Any

from assent.spec.jose import VERIFYING_ALGS


@dataclass(frozen=True, slots=True)
class LogoutHint:
    """What the provider of a session gave along to sign out with there, encrypted under the master key.

    `name_hash` is the keyed hash of the name by which it says that she signed out there, where it has one for her.
    """

    session_hash: bytes
    sealed: bytes = field(repr=False)
    expires_at: int
    name_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """From which claim each thing that is said of a person comes: the first of the names that has a value.

    A name is that of a member, or a path with dots (`realm_access.roles`). Empty: nothing is taken. What gives rights
    (`fhir_user`, `represents`, `groups`, `launch_contexts`) is never taken unless a definition says so. `groups` are
    those of `Provider.permission_rules`; `launch_contexts` are by type, as `patient`.
    """

    username: tuple[str, ...] = ("preferred_username", "email", "sub")
    given_name: tuple[str, ...] = ("given_name",)
    family_name: tuple[str, ...] = ("family_name",)
    email: tuple[str, ...] = ("email",)
    locale: tuple[str, ...] = ("locale",)
    fhir_user: tuple[str, ...] = ()
    represents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    launch_contexts: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provider:
    """`name` is in URLs, and identifies people together with `iss` and `sub`; endpoints that are None are discovered.

    `secret_sealed` and `key_sealed` (a private JWK) are our own credentials there, encrypted under the master key.
    `fhir_user_type` stands before a bare id of the claim; `fhir_base` is the FHIR base by which the provider names our
    records. `permission_rules` are those of `identity.mapping`. `trusted_for`: `sign_in`, `resource_server` (its access
    tokens are good at the gateway, as `token_…` says, and the web pages of `allowed_origins` may read what they open).
    `allowed_tenants`: those of an issuer that signs for many, by the claim `tid`; none else is let in.
    """

    name: str
    title: str
    iss: str
    client_id: str
    enabled: bool = True
    trusted_for: tuple[str, ...] = ("sign_in",)
    discovery: bool = True
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    jwks: dict[str, Any] | None = None
    introspection_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_method: str = "none"
    assertion_alg: str = "RS256"
    assertion_audience: str = "token_endpoint"
    secret_sealed: bytes | None = field(default=None, repr=False)
    key_sealed: bytes | None = field(default=None, repr=False)
    scope: tuple[str, ...] = ("openid", "profile", "email")
    authorization_parameters: dict[str, str] = field(default_factory=dict)
    id_token_algs: tuple[str, ...] = VERIFYING_ALGS
    leeway_seconds: int = 30
    ask_userinfo: bool = True
    sign_out_there: bool = True
    claims: ClaimMapping = ClaimMapping()
    username_prefix: str = ""
    fhir_user_type: str | None = None
    fhir_base: str | None = None
    permission_rules: tuple[str, ...] = ()
    token_validation: str = "jwt"
    token_audience: str | None = None
    token_rights: str = "account"
    allowed_origins: tuple[str, ...] = ()
    allowed_tenants: tuple[str, ...] = ()
    frontchannel_logout: bool = False
    created_at: int = 0
    updated_at: int = 0
