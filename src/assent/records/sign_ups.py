"""Somebody who makes an account for herself: while she is asked, and as what she is registered."""

from dataclasses import dataclass

from assent.spec.permissions import Permission


@dataclass(frozen=True, slots=True)
class SignUp:
    """A sign-up that waits for the code that was mailed. `sign_up_hash` is that of its id in URLs.

    Bound to the browser that asked. `code_hash` is keyed; None where no code was mailed, since the address has an
    account already or was written to too often: such a row costs the same, and no code fits it.
    """

    sign_up_hash: bytes
    browser_hash: bytes
    email: str
    code_hash: bytes | None
    tries: int
    created_at: int
    expires_at: int
    used_at: int = 0


@dataclass(frozen=True, slots=True)
class ClaimedAddress:
    """A mail address with which somebody has just signed up. Added, or renewed, in the act that makes the account, so
    that of two sign-ups for one address that are finished at once one makes it. It lasts as long as they may wait;
    those that come later find the account.
    """

    email_key: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who she says she is; only that mail to `email` reaches her has been proven. `client_id`: the app that waits."""

    email: str
    username: str
    given_name: str | None = None
    family_name: str | None = None
    locale: str | None = None
    client_id: str | None = None
    fhir_user: str | None = None
    permissions: tuple[Permission, ...] = ()
    roles: tuple[str, ...] = ()
