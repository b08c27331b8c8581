"""How a patient is related to the person who looks at her record, as a word that the pages can say.

A RelatedPerson's `relationship` says what *that person* is to the patient: of a father's, the patient is the child.
Sources: FHIR R4 RelatedPerson.relationship; HL7 v3 RoleCode (FamilyMember, PersonalRelationshipRoleType).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Relation = Literal[
    "you", "child", "parent", "grandchild", "grandparent", "partner", "sibling", "ward", "acting"
]

ROLE_CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"

_CODES: Final[Mapping[Relation, str]] = {
    "child": "PRN NPRN ADOPTP GESTM NFTH NFTHF NMTH NMTHF FTH MTH ADOPTF ADOPTM"
    " STPPRN STPFTH STPMTH PRNFOST FTHFOST MTHFOST",
    "parent": "CHILD NCHILD CHLDADOPT CHLDFOST STPCHLD DAU DAUC DAUADOPT DAUFOST NDAU STPDAU"
    " SON SONC SONADOPT SONFOST NSON STPSON",
    "grandchild": "GRPRN GRFTH GRMTH MGRPRN MGRFTH MGRMTH PGRPRN PGRFTH PGRMTH",
    "grandparent": "GRNDCHILD GRNDDAU GRNDSON",
    "partner": "SPS HUSB WIFE DOMPART SIGOTHR",
    "sibling": "SIB NSIB HSIB STPSIB BRO NBRO HBRO STPBRO SIS NSIS HSIS STPSIS TWIN TWINBRO TWINSIS",
    "ward": "GUARD GUADLTM SPOWATT POWATT DPOWATT HPOWATT",
}
_RELATIONS: Final[Mapping[str, Relation]] = {
    code: relation for relation, codes in _CODES.items() for code in codes.split()
}

_OF_A_CHILD: Final = frozenset({*_CODES["child"].split(), *_CODES["grandchild"].split(), "GUARD", "GUADLTM"})
"""Codes of those who act for somebody because she is a child."""

_OF_AN_ADULT: Final = frozenset({"SPOWATT", "POWATT", "DPOWATT", "HPOWATT"})
"""Codes of an office that an adult gives, or a court for her."""


@dataclass(frozen=True, slots=True)
class Link:
    """A patient whose record is a person's own (`you`), or whom she represents.

    `starts` and `ends` are those of the RelatedPerson's period, as they are written. `ends_with_age`: it holds while
    the patient is a child.
    """

    patient: str
    relation: Relation
    starts: Any = None
    ends: Any = None
    ends_with_age: bool = False


def relation_of(related_person: Mapping[str, Any]) -> Relation:
    """What the patient of a RelatedPerson is to that person: family goes before a legal office, `acting` is neither."""
    found = [_RELATIONS[code] for code in _codes_of(related_person) if code in _RELATIONS]
    family = [relation for relation in found if relation != "ward"]
    return next(iter([*family, *found]), "acting")


def ends_with_age(related_person: Mapping[str, Any]) -> bool:
    """Whether that person acts for the patient as her parent, grandparent or guardian, and by no other office."""
    codes = set(_codes_of(related_person))
    return bool(codes & _OF_A_CHILD) and not codes & _OF_AN_ADULT


def _codes_of(related_person: Mapping[str, Any]) -> list[str]:
    return [
        str(coding.get("code"))
        for concept in related_person.get("relationship") or []
        if isinstance(concept, dict)
        for coding in concept.get("coding") or []
        if isinstance(coding, dict) and coding.get("system") == ROLE_CODES
    ]
