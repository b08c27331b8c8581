"""A registered app: the client definition of RFC 7591, with what a health system decides about it."""

from dataclasses import dataclass
from typing import Any, Literal

from assent.spec.permissions import Permission

AuthMethod = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One of a client's secrets; several may be good at once while one replaces another.

    `secret_hash`: `sha256$<hex>` of one of our own making (256 random bits), else an argon2id PHC string or bcrypt.
    """

    id: str
    description: str
    secret_hash: str
    activates_at: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client definition (product names; RFC 7591 2 where they exist). Scopes are lists of scope texts."""

    client_id: str
    client_name: str
    enabled: bool = True
    redirect_uris: tuple[str, ...] = ()
    launch_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code",)
    response_types: tuple[str, ...] = ("code",)
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    secrets: tuple[ClientSecret, ...] = ()
    scope: tuple[str, ...] = ()
    auto_approve_scope: tuple[str, ...] = ()
    auto_grant_scope: tuple[str, ...] = ()
    required_scope: tuple[str, ...] = ()
    scope_reasons: dict[str, str] | None = None
    remember_approved_scopes: bool = False
    always_require_approval: bool = False
    offline_choices: tuple[int, ...] = ()
    access_token_seconds: int | None = None
    refresh_token_seconds: int | None = None
    refresh_retry_seconds: int = 0
    pkce: Literal["required", "optional"] = "required"
    assertion_profile: Literal["smart", "udap", "fapi2"] = "smart"
    permissions: tuple[Permission, ...] = ()
    roles: tuple[str, ...] = ()
    client_credentials_scope: Literal["requested", "all"] = "requested"
    can_introspect: Literal["own", "any", "none"] = "none"
    terms_version: str | None = None
    client_uri: str | None = None
    publisher: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    contacts: tuple[str, ...] = ()
    reviewed_at: int | None = None
    managed_by_portal: bool = False
    attestation_accepted: bool | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    subject_type: Literal["public", "pairwise"] = "public"
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    created_at: int = 0
    updated_at: int = 0
