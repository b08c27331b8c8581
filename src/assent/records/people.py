"""A person who can sign in, and the throttle on guessing her password."""

from dataclasses import dataclass

from assent.spec.permissions import Permission


@dataclass(frozen=True, slots=True)
class LaunchDefault:
    """A launch context that a person has when nothing else says one."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """A local account. `person_id` is random and for ever; it is what `sub` is made from.

    `name_key` is the user name as it is compared (case-folded when the setting says so); its `PersonName` row
    is what makes it one person's. `must_change_password`: somebody else knows the password, and it is good for choosing
    another one only. `has_delegations`, `has_factors`: whether there may be any to look for, so that nobody else waits;
    once true, they stay so.
    """

    person_id: str
    username: str
    name_key: str
    password_hash: str | None = None
    must_change_password: bool = False
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    locale: str | None = None
    enabled: bool = True
    fhir_user: str | None = None
    permissions: tuple[Permission, ...] = ()
    roles: tuple[str, ...] = ()
    represents: tuple[str, ...] = ()
    default_launch_contexts: tuple[LaunchDefault, ...] = ()
    has_delegations: bool = False
    has_factors: bool = False
    created_at: int = 0
    updated_at: int = 0
    email_key: str | None = None

    def __post_init__(self) -> None:
        """`email_key`, by which a person is found, follows `email` whatever it was."""
        object.__setattr__(self, "email_key", address_key(self.email) if self.email else None)


@dataclass(frozen=True, slots=True)
class PersonName:
    """Whose a user name is. Added in the same act as the person, so that a name is taken once."""

    name_key: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Throttle:
    """How often something was tried: `key` is `account:<hash>` or `address:<hash>` for what was tried in vain,
    `rate:<hash>` for a count of `engine.rate_limits`, in vain or not. Rows expire. `person_id`: whose account it was,
    where that is known.
    """

    key: str
    failures: int
    last_failed_at: int
    locked_until: int
    expires_at: int
    locks: int = 0
    person_id: str | None = None


def address_key(email: str) -> str:
    """A mail address as it is compared. No provider that people use tells addresses apart by case (RFC 5321 2.4)."""
    return email.strip().lower()
