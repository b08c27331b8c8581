"""A delegation's definition: JSON in, frozen values out, and back again. Owns each field by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from assent.actions.accounts.person_definition import read_patient
from assent.actions.definitions import Reader, Wrong, choice, instant, read_fields, text, whole, without_shown
from assent.records.delegations import DelegateAccess, DelegateRelationship, Delegation

OLDEST: Final = 120


@dataclass(frozen=True, slots=True)
class DelegationDefinition:
    """What a definition says: who acts (a user name), for whom (a bare id), and the fields that it names."""

    username: str
    patient: str
    values: Mapping[str, Any]


def read_delegation_definition(document: Any) -> DelegationDefinition:
    """The definition in a JSON object, without what is only shown. Raises `Wrong`."""
    document = without_shown(document, DELEGATION_SHOWN)
    found = read_fields(document, DELEGATION_FIELDS, required=("username", "patient", "relationship"))
    username, patient = found.pop("username"), found.pop("patient").removeprefix("Patient/")
    values = {name: value for name, value in found.items() if value is not None}
    ends = values.get("expires_at", 0)
    if ends and ends <= values.get("starts_at", 0):
        raise Wrong((".expires_at", "must be later than starts_at"))
    return DelegationDefinition(username, patient, values)


def delegation_definition(delegation: Delegation, username: str) -> dict[str, Any]:
    """The definition of a delegation of this user, as JSON: what can be read again."""
    shown: dict[str, Any] = {
        "username": username,
        "patient": f"Patient/{delegation.patient}",
        "relationship": delegation.relationship,
        "access": delegation.access,
    }
    if delegation.starts_at:
        shown["starts_at"] = delegation.starts_at
    if delegation.expires_at:
        shown["expires_at"] = delegation.expires_at
    if delegation.until_age is not None:
        shown["until_age"] = delegation.until_age
    return shown


DELEGATION_FIELDS: Final[Mapping[str, Reader]] = {
    "username": text(200),
    "patient": read_patient,
    "relationship": choice(*get_args(DelegateRelationship)),
    "access": choice(*get_args(DelegateAccess)),
    "starts_at": instant,
    "expires_at": instant,
    "until_age": whole(1, OLDEST),
}
"""Every field of a definition, in the order in which definitions are written."""

DELEGATION_SHOWN: Final = ("holds",)
"""What is shown beside a definition, and is passed over where it is brought back."""
