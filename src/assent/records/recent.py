"""Whose records somebody opened last, for the list that spares her a search."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecentPatients:
    """Bare ids, the latest first; nothing else of the patients is kept. The row expires."""

    person_id: str
    patients: tuple[str, ...]
    expires_at: int
