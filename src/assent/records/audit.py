"""A row of the append-only audit log."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what, when, with what outcome. Never a token, code, secret, assertion or clinical data.

    `event_id` sorts by time. `type` is a dotted noun and verb (`token.issued`, `login.refused`, `client.edited`);
    `reference` is the id that a public error carried; `detail` is small JSON for those entitled to read it.
    """

    event_id: str
    at: int
    type: str
    outcome: str
    client_id: str | None = None
    person_id: str | None = None
    grant_id: str | None = None
    actor: str | None = None
    address: str | None = None
    reference: str | None = None
    detail: dict[str, Any] | None = None
