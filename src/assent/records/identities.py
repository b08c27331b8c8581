"""Who somebody is where she signs in, and a browser that was sent there."""

from dataclasses import dataclass, field
from typing import Any

from assent.records.people import LaunchDefault
from assent.spec.permissions import Permission


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a module has proven to be `subject` of `provider` (for OpenID Connect, the `iss`).

    `person_id`: the account itself, for a module that keeps accounts of ours. What is said replaces what the account
    has, at each sign-in. What is None the module says nothing of: the account keeps what it has, but for rights
    that the module itself gave before (`Given`). `username` is a wish. `auth_time`
    and `acr` are the provider's own, where it says them; `provider_session` is its `sid`. `gone` names fields that the
    module says are not hers any more (`fhir_user`): the account loses them. `is_two_factors`: we ourselves have seen
    two factors proven (a passkey that verifies its user); a provider's word for that is in `amr`. `password_hash`: that
    of our own by which a password was right, `passkey` the hash of the credential that was shown: it still has to be
    hers when she comes in. `logout_hint` is what
    the provider wants to see again when she signs out there (its ID token), `logout_name` the name by which it will say
    that she did (SAML's NameID).
    """

    module: str
    provider: str
    subject: str
    username: str
    amr: tuple[str, ...]
    person_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    locale: str | None = None
    fhir_user: str | None = None
    permissions: tuple[Permission, ...] | None = None
    roles: tuple[str, ...] | None = None
    represents: tuple[str, ...] | None = None
    default_launch_contexts: tuple[LaunchDefault, ...] | None = None
    auth_time: int | None = None
    acr: str | None = None
    provider_session: str | None = None
    gone: tuple[str, ...] = ()
    is_two_factors: bool = False
    password_hash: str | None = field(default=None, repr=False)
    passkey: bytes | None = None
    logout_hint: str | None = field(default=None, repr=False)
    logout_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """What a module said of somebody's rights at her last sign-in; None of a field: nothing."""

    fhir_user: str | None = None
    permissions: tuple[Permission, ...] | None = None
    roles: tuple[str, ...] | None = None
    represents: tuple[str, ...] | None = None
    default_launch_contexts: tuple[LaunchDefault, ...] | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who `subject` of `provider`, as `module` knows it, is here. Added in the same act as the account it opens.

    The three together are what identifies; a user name or a mail address never does. `provider` is
    the `iss` or entity id of who vouches for her; for a module without one, the name of what it asks. `gave`: so
    that it can be taken back; None of identities from before this was remembered.
    """

    module: str
    provider: str
    subject: str
    person_id: str
    created_at: int
    gave: Given | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A browser that was sent elsewhere to sign in, by the hash of its `state`. Removed when it comes back: once.

    Bound to one browser (`browser_hash`). `flow` is the waiting authorization request (its handle opens nothing
    without that browser), `to` a page of ours where there is none. `kept` is what the module wants to see again
    (nonce, code verifier, request id); `answer` what was posted from there, until the browser itself comes for it.
    """

    state_hash: bytes
    browser_hash: bytes
    module: str
    flow: str | None
    to: str | None
    kept: dict[str, Any]
    created_at: int
    expires_at: int
    answer: dict[str, str] | None = None
