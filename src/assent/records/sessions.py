"""A person's signed-in browser, and an authorization request on its way through the pages."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, by the hash of its cookie. A new one is made at each login and step-up.

    `public_id` names it in lists and commands; it signs nobody in. `last_seen_at` moves at most once a minute.
    `module` is the inbound module that it began with; `acr` and `provider_session` (its `sid`) are the provider's.
    `factor_at`: when a second factor was proven to us in it, 0 while none was. `browser_remembered`: it began in a
    browser where this person's second factor is not asked for again.
    """

    session_hash: bytes
    public_id: str
    person_id: str
    auth_time: int
    amr: tuple[str, ...]
    created_at: int
    last_seen_at: int
    expires_at: int
    address: str | None = None
    user_agent: str | None = None
    ended_at: int = 0
    module: str = "local"
    acr: str | None = None
    provider_session: str | None = None
    factor_at: int = 0
    browser_remembered: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A validated authorization request while its person is asked, by the hash of its id.

    Bound to one browser (`browser_hash`). Each page settles its own field: `session_hash` (login), `patient`
    and `encounter` (context), `approved_scope` (approval; None while not decided) and `keep_seconds` (how long the app
    may keep access, where that is a choice). Closed once, by `closed_at`; `refused` is what the app was told where the
    person said no.
    `request` is the validated request as JSON; nothing of it is read from the browser again.
    `reauthenticated` says that a login happened for this very request (`prompt=login`, `max_age`).
    """

    pending_hash: bytes
    browser_hash: bytes
    client_id: str
    request: dict[str, Any]
    created_at: int
    expires_at: int
    session_hash: bytes | None = None
    reauthenticated_at: int = 0
    patient: str | None = None
    encounter: str | None = None
    approved_scope: str | None = None
    closed_at: int = 0
    keep_seconds: int | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch context that an EHR registered, by the hash of its handle.

    Bound to the first browser that brings it (`browser_hash`), spent when a code is issued on it (`spent_at`).
    `person` is whom the EHR named, as it did: `person_id` whose account that was then, None for a `fhirUser`.
    """

    launch_hash: bytes
    client_id: str
    registered_by: str
    person: str | None
    context: dict[str, Any]
    created_at: int
    expires_at: int
    browser_hash: bytes | None = None
    spent_at: int = 0
    person_id: str | None = None
