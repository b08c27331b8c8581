"""What a client, or a person's browser, is told when a request is refused.

    AssentError
    └── OAuthError                    error code, HTTP status, public description, private detail
        ├── InvalidRequest            invalid_request            400
        ├── InvalidClient             invalid_client             401
        ├── InvalidGrant              invalid_grant              400
        ├── UnauthorizedClient        unauthorized_client        400
        ├── UnsupportedGrantType      unsupported_grant_type     400
        ├── UnsupportedResponseType   unsupported_response_type  400
        ├── InvalidScope              invalid_scope              400
        ├── InvalidTarget             invalid_target             400   (RFC 8707 2)
        ├── AccessDenied              access_denied              403
        ├── LoginRequired             login_required             400   (OpenID Connect Core 3.1.2.6)
        ├── ConsentRequired           consent_required           400
        ├── InteractionRequired       interaction_required       400
        ├── RequestNotSupported       request_not_supported      400
        ├── RequestUriNotSupported    request_uri_not_supported  400
        ├── InvalidToken              invalid_token              401   (RFC 6750 3.1)
        ├── InsufficientScope         insufficient_scope         403
        ├── TooManyRequests           temporarily_unavailable    429
        ├── TemporarilyUnavailable    temporarily_unavailable    503
        └── ServerError               server_error               500

`description` is public: it names the parameter and the rule and echoes nothing of the request.
`detail` is for the log and for the app's own developer. How a refusal is written (JSON, redirect, page)
is decided by the surface that catches it.

Sources: RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1, OpenID Connect Core 1.0 3.1.2.6.
"""

from typing import ClassVar


class AssentError(Exception):
    """The root of what this product raises on purpose."""


class OAuthError(AssentError):
    """A refusal that a client is told.

    `description` is ASCII without quotes or backslashes (RFC 6749 5.2); anything else is a bug of ours.
    """

    code: ClassVar[str] = "server_error"
    status: ClassVar[int] = 500

    def __init__(self, description: str, *, detail: str | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.detail = detail


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated, malformed or not allowed here."""

    code = "invalid_request"
    status = 400


class InvalidClient(OAuthError):
    """The client is unknown or did not prove who it is."""

    code = "invalid_client"
    status = 401


class InvalidGrant(OAuthError):
    """The code, refresh token or assertion is unknown, expired, used, revoked or somebody else's."""

    code = "invalid_grant"
    status = 400


class UnauthorizedClient(OAuthError):
    """The client may not use this grant or response type."""

    code = "unauthorized_client"
    status = 400


class UnsupportedGrantType(OAuthError):
    """No such grant type is on here."""

    code = "unsupported_grant_type"
    status = 400


class UnsupportedResponseType(OAuthError):
    """No such response type is on here."""

    code = "unsupported_response_type"
    status = 400


class InvalidScope(OAuthError):
    """The scope is unknown, malformed, or wider than what may be given."""

    code = "invalid_scope"
    status = 400


class InvalidTarget(OAuthError):
    """`aud` or `resource` names no FHIR server of this issuer (RFC 8707 2)."""

    code = "invalid_target"
    status = 400


class AccessDenied(OAuthError):
    """The person, or a policy, said no."""

    code = "access_denied"
    status = 403


class LoginRequired(OAuthError):
    """`prompt=none`, and nobody is signed in."""

    code = "login_required"
    status = 400


class ConsentRequired(OAuthError):
    """`prompt=none`, and something is left to approve."""

    code = "consent_required"
    status = 400


class InteractionRequired(OAuthError):
    """`prompt=none`, and a page would have to be shown."""

    code = "interaction_required"
    status = 400


class RequestNotSupported(OAuthError):
    """`request` objects are not taken."""

    code = "request_not_supported"
    status = 400


class RequestUriNotSupported(OAuthError):
    """`request_uri` is not taken."""

    code = "request_uri_not_supported"
    status = 400


class InvalidToken(OAuthError):
    """The bearer token is missing, unknown, expired or revoked."""

    code = "invalid_token"
    status = 401


class InsufficientScope(OAuthError):
    """The bearer token does not carry the scope that this resource wants."""

    code = "insufficient_scope"
    status = 403


class TooManyRequests(OAuthError):
    """Slow down: the limit of this account, address or client is reached."""

    code = "temporarily_unavailable"
    status = 429

    def __init__(self, description: str, *, retry_after_seconds: int, detail: str | None = None) -> None:
        super().__init__(description, detail=detail)
        self.retry_after_seconds = retry_after_seconds


class TemporarilyUnavailable(OAuthError):
    """What is needed to decide cannot be reached now."""

    code = "temporarily_unavailable"
    status = 503


class ServerError(OAuthError):
    """Something of ours failed."""

    code = "server_error"
    status = 500
