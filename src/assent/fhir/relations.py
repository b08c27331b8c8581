"""How a patient is related to the person who looks at her record, as a word that the pages can say.

A RelatedPerson's `relationship` says what *that person* is to the patient: of a father's, the patient is the child.
Codes of other systems are read as those of HL7 v3 where they say the same; what is not known here ends with age.
Sources: FHIR R4 RelatedPerson.relationship; HL7 v3 RoleCode (FamilyMember, PersonalRelationshipRoleType); HL7 v2 table
0063; SNOMED CT (family members).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from assent.fhir.reading import objects

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

_V3: Final = frozenset({ROLE_CODES, "http://hl7.org/fhir/v3/RoleCode", "urn:oid:2.16.840.1.113883.5.111"})
"""The names that the system has had: since R4, before, and as an OID."""

_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "http://snomed.info/sct": {
        "72705000": "MTH",
        "66839005": "FTH",
        "40683002": "PRN",
        "113157001": "GRMTH",
        "34871008": "GRFTH",
        "58626002": "GUARD",
    },
    "http://terminology.hl7.org/CodeSystem/v2-0063": {
        "MTH": "MTH",
        "FTH": "FTH",
        "PAR": "PRN",
        "GRP": "GRPRN",
        "GRD": "GUARD",
        "SPO": "SPS",
        "DOM": "DOMPART",
        "CHD": "CHILD",
        "NCH": "NCHILD",
        "GCH": "GRNDCHILD",
        "SIB": "SIB",
        "BRO": "BRO",
        "SIS": "SIS",
    },
}
"""Codes of other systems, by those of v3 that say the same."""

_OF_A_CHILD: Final = frozenset({*_CODES["child"].split(), *_CODES["grandchild"].split(), "GUARD", "GUADLTM"})
"""Codes of those who act for somebody because she is a child."""

_OF_AN_ADULT: Final = frozenset({"SPOWATT", "POWATT", "DPOWATT", "HPOWATT"})
"""Codes of an office that an adult gives, or a court for her."""

_OF_NO_AGE: Final = _OF_AN_ADULT | {
    code for relation in ("partner", "parent", "grandparent", "sibling") for code in _CODES[relation].split()
}
"""Codes of those who act for somebody whether or not she is a child: all that know no age."""


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
    """Whether that person acts for the patient as long as she is a child: unless all that is said is known to know no
    age, or an office of an adult is among it.
    """
    concepts = [set(codes) for codes in _concepts_of(related_person)]
    if any(codes & _OF_AN_ADULT for codes in concepts):
        return False
    return not concepts or not all(codes & _OF_NO_AGE and not codes & _OF_A_CHILD for codes in concepts)


def _codes_of(related_person: Mapping[str, Any]) -> list[str]:
    return [code for codes in _concepts_of(related_person) for code in codes]


def _concepts_of(related_person: Mapping[str, Any]) -> list[list[str]]:
    """The v3 codes of each relationship, in their order; none of one that is said otherwise, or is malformed."""
    relationships = related_person.get("relationship")
    if not isinstance(relationships, list):
        return []
    return [
        [code for coding in objects(one.get("coding")) if (code := _v3_code(coding))]
        if isinstance(one, dict)
        else []
        for one in relationships
    ]


def _v3_code(coding: Mapping[str, Any]) -> str | None:
    system, code = str(coding.get("system")), str(coding.get("code"))
    return code if system in _V3 else _ELSEWHERE.get(system, {}).get(code)
