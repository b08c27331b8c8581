"""That somebody may act for a patient because this installation says so, for a time."""

from dataclasses import dataclass
from typing import Literal

DelegateRelationship = Literal["parent", "guardian", "carer", "family", "power_of_attorney", "delegate"]
DelegateAccess = Literal["full", "read"]


@dataclass(frozen=True, slots=True)
class Delegation:
    """One at most for a person and a patient (a bare id).

    `relationship` is what the person is to the patient. It holds from `starts_at` until `expires_at` (0: no end),
    and until the patient is `until_age` years old, where that is said.
    """

    person_id: str
    patient: str
    relationship: DelegateRelationship
    access: DelegateAccess = "full"
    starts_at: int = 0
    expires_at: int = 0
    until_age: int | None = None
    created_at: int = 0
    updated_at: int = 0
