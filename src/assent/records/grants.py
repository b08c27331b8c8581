"""What a person, or a policy, granted to a client: everything given out hangs on a grant's id."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Grant:
    """The record of a yes. One write on `revoked_at` ends every token that hangs on it.

    `scope` is what was granted, as wire text; a token may carry less, never more. `context` holds the launch
    context members of the token response (`patient`, `encounter`, `fhirContext` …): context lives here, so a
    refresh repeats it. `session_hash` is the session it was given in; an `online` grant ends with it.
    `expires_at` is the absolute end of refreshing, 0 while the grant has no refresh token. `acting_for` is the patient
    in context, as `Patient/<id>`, where the person acts for her and does so by nothing but that.
    """

    grant_id: str
    client_id: str
    person_id: str
    session_hash: bytes | None
    scope: str
    context: dict[str, Any]
    aud: str
    nonce: str | None
    auth_time: int
    acr: str | None
    amr: tuple[str, ...]
    fhir_user: str | None
    online: bool
    created_at: int
    expires_at: int
    last_used_at: int = 0
    revoked_at: int = 0
    revoked_because: str | None = None
    acting_for: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, by its hash. Kept when used, so that a replay is recognised (RFC 6749 4.1.2)."""

    code_hash: bytes
    grant_id: str
    client_id: str
    redirect_uri: str
    code_challenge: str | None
    expires_at: int
    used_at: int = 0


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, by its hash. A used one stays until the grant ends, so that reuse is recognised.

    `expires_at` is its idle end; the grant holds the absolute one. `successor_hash` is the token that replaced it;
    a used token without one was set aside before anybody used it, since its answer was asked for again.
    """

    token_hash: bytes
    grant_id: str
    client_id: str
    scope: str
    created_at: int
    expires_at: int
    used_at: int = 0
    successor_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class TokenScope:
    """The scope of an access token, by its `jti`, where it is too long to be carried in the token (SMART 2.2)."""

    jti: str
    scope: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """An access token taken back by itself, by its `jti`, until it would have expired anyway."""

    jti: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class SeenAssertion:
    """A client assertion's `jti`, hashed with its `iss`, remembered to `exp` plus leeway (RFC 7523 3)."""

    jti_hash: bytes
    expires_at: int
