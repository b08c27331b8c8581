"""Whose every resource of the population is, told apart from the product: the answer key of the leak tests.

Written from R4's patient compartment and from our own decision record, by the elements that this population fills. It
shares no code and no table with the product, so that a mistake there does not hide here.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from typing import Any

from assent.demo.store.population.generate import population

Json = dict[str, Any]

# element names, a dot for each step down; from the search parameters of CompartmentDefinition/patient (R4);
# the first is what a search by `patient` looks at
_OWNERS = {
    "AllergyIntolerance": "patient recorder asserter",
    "Appointment": "participant.actor",
    "CarePlan": "subject activity.detail.performer",
    "CareTeam": "subject participant.member",
    "Communication": "subject sender recipient",
    "Condition": "subject asserter",
    "Consent": "patient",
    "Coverage": "beneficiary policyHolder subscriber payor",
    "Device": "patient",  # our decision 0010
    "DeviceUseStatement": "subject",
    "DiagnosticReport": "subject",
    "DocumentReference": "subject author",
    "Encounter": "subject",
    "ExplanationOfBenefit": "patient payee.party",
    "FamilyMemberHistory": "patient",
    "Goal": "subject",
    "Group": "member.entity",
    "Immunization": "patient",
    "List": "subject source",
    "Media": "subject",
    "MedicationAdministration": "subject performer.actor",
    "MedicationDispense": "subject receiver",
    "MedicationRequest": "subject",
    "MedicationStatement": "subject",
    "Observation": "subject performer",
    "Person": "link.target",
    "Procedure": "subject performer.actor",
    "Provenance": "target",
    "QuestionnaireResponse": "subject author",
    "RelatedPerson": "patient",
    "ServiceRequest": "subject performer",
    "Specimen": "subject",
    "Task": "for",  # our decision 0010
}
SUPPORTING = {
    *("Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Practitioner"),
    *("PractitionerRole", "Questionnaire"),
}
"""What of the population is nobody's and is read by whoever may read some patient's record (our decision 0010)."""

_SAMPLED = 4

NOBODYS = {"Binary"}
"""What no compartment holds, and only those see who may read all of the type."""


@cache
def everything() -> dict[str, Json]:
    """The population by key."""
    return {f"{each['resourceType']}/{each['id']}": each for each in population()}


@cache
def types() -> tuple[str, ...]:
    """The resource types of the population."""
    return tuple(sorted({each["resourceType"] for each in everything().values()}))


def owners(resource: Json) -> set[str]:
    """The bare ids of the patients whose resource it is; a Provenance's are also those of what it is about."""
    if resource["resourceType"] == "Patient":
        return {resource["id"]}
    named = {
        text.removeprefix("Patient/")
        for path in _OWNERS.get(resource["resourceType"], "").split()
        for text in _references(resource, path.split("."))
        if text.startswith("Patient/")
    }
    if resource["resourceType"] == "Provenance" and not named:
        targets = [everything()[text] for text in _references(resource, ["target"])]
        return {owner for target in targets for owner in owners(target)}
    return named


@cache
def belongings() -> dict[str, frozenset[str]]:
    """Patient -> the keys of what is hers."""
    found: dict[str, set[str]] = {}
    for key, resource in everything().items():
        for owner in owners(resource):
            found.setdefault(owner, set()).add(key)
    return {owner: frozenset(keys) for owner, keys in found.items()}


def of_types(keys: Iterable[str], *wanted: str) -> set[str]:
    """Those keys that are of one of the types."""
    return {key for key in keys if key.partition("/")[0] in wanted}


def of_patients(*patients: str) -> set[str]:
    """The keys of all that is these patients'."""
    return {key for patient in patients for key in belongings()[patient]}


def searched_by(*patients: str) -> set[str]:
    """The keys of what such a person's plain searches bring: what is about the patient, by its first element."""
    return supporting() | {
        key
        for key in of_patients(*patients)
        if (resource := everything()[key])["resourceType"] == "Patient" or _is_about(resource, set(patients))
    }


def sample(keys: Iterable[str]) -> set[str]:
    """Some of the keys of each type, the same ones every time, and all that touches more than one patient."""
    chosen: dict[str, list[str]] = {}
    for key in sorted(keys, key=lambda key: sha256(key.encode()).digest()):
        chosen.setdefault(key.partition("/")[0], []).append(key)
    shared = {key for key in keys if len(owners(everything()[key])) > 1}
    return shared | {key for of_type in chosen.values() for key in of_type[:_SAMPLED]}


def supporting() -> set[str]:
    """The keys of what is nobody's and may be read beside a record."""
    return of_types(everything(), *SUPPORTING)


def seen_by(*patients: str) -> set[str]:
    """The keys of all that somebody sees who may read these patients' records whole."""
    return of_patients(*patients) | supporting()


def coded(keys: Iterable[str], element: str, *codes: str) -> set[str]:
    """Those keys whose resource has one of the codes in the element; a code may be `system|code`."""
    return {key for key in keys if _codes(everything()[key].get(element)) & set(codes)}


def _is_about(resource: Json, patients: set[str]) -> bool:
    first = _OWNERS[resource["resourceType"]].split()[0]
    return any(text.removeprefix("Patient/") in patients for text in _references(resource, first.split(".")))


def _codes(value: Any) -> set[str]:
    concepts = value if isinstance(value, list) else [value]
    codings = [
        coding for concept in concepts if isinstance(concept, dict) for coding in concept.get("coding", ())
    ]
    return {text for one in codings for text in (one["code"], f"{one.get('system')}|{one['code']}")}


def _references(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each, path)
    elif isinstance(value, dict):
        if path:
            yield from _references(value.get(path[0]), path[1:])
        elif isinstance(value.get("reference"), str):
            yield value["reference"]
