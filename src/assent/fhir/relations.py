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


@dataclass(frozen=True, slots=True)
class Link:
    """A patient whose record is a person's own (`you`), or whom she represents."""

    patient: str
    relation: Relation


def relation_of(related_person: Mapping[str, Any]) -> Relation:
    """What the patient of a RelatedPerson is to that person: family goes before a legal office, `acting` is neither."""
    codes = [
        str(coding.get("code"))
        for concept in related_person.get("relationship") or []
        if isinstance(concept, dict)
        for coding in concept.get("coding") or []
        if isinstance(coding, dict) and coding.get("system") == ROLE_CODES
    ]
    found = [_RELATIONS[code] for code in codes if code in _RELATIONS]
    family = [relation for relation in found if relation != "ward"]
    return next(iter([*family, *found]), "acting")
