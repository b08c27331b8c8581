"""What a patient is to the person who looks at her record."""

from typing import Any

import pytest

from assent.fhir.relations import ROLE_CODES, Relation, ends_with_age, relation_of


def concept(*codes: str, system: str = ROLE_CODES) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


@pytest.mark.parametrize(
    ("relationship", "relation"),
    [
        ([concept("FTH")], "child"),
        ([concept("MTH")], "child"),
        ([concept("FTH"), concept("GUARD")], "child"),
        ([concept("GUARD"), concept("FTH")], "child"),
        ([concept("STPFTH")], "child"),
        ([concept("DAUC")], "parent"),
        ([concept("GRMTH")], "grandchild"),
        ([concept("GRNDSON")], "grandparent"),
        ([concept("WIFE")], "partner"),
        ([concept("BRO")], "sibling"),
        ([concept("GUARD")], "ward"),
        ([concept("HPOWATT")], "ward"),
        ([concept("FRND")], "acting"),
        ([concept("FTH", system="https://elsewhere.example")], "acting"),
        ([{"text": "father"}], "acting"),
        ([], "acting"),
        (None, "acting"),
        (["FTH"], "acting"),
        ([{"coding": ["FTH"]}], "acting"),
    ],
)
def test_what_a_relative_is_says_what_the_patient_is_to_her(relationship: Any, relation: Relation) -> None:
    assert relation_of({"resourceType": "RelatedPerson", "relationship": relationship}) == relation


SNOMED, V2 = "http://snomed.info/sct", "http://terminology.hl7.org/CodeSystem/v2-0063"
OLD = "http://hl7.org/fhir/v3/RoleCode"


@pytest.mark.parametrize(
    ("relationship", "relation"),
    [
        ([concept("MTH", system=OLD)], "child"),
        ([concept("72705000", system=SNOMED)], "child"),
        ([concept("34871008", system=SNOMED)], "grandchild"),
        ([concept("GRD", system=V2)], "ward"),
        ([concept("MTH", system="urn:oid:2.16.840.1.113883.5.111")], "child"),
        ([concept("MTH")], "child"),
        ([concept("GUARD")], "ward"),
        ([concept("FRND")], "acting"),
        ([concept("FTH", system="https://elsewhere.example")], "acting"),
        ([concept("WIFE"), {"text": "mother"}], "partner"),
        ([concept("WIFE"), concept("MTH")], "partner"),
        ([{"text": "mother"}], "acting"),
        ([], "acting"),
        (None, "acting"),
        ("MTH", "acting"),
        (["MTH"], "acting"),
    ],
)
def test_whoever_is_not_known_to_know_no_age_acts_for_a_child(relationship: Any, relation: Relation) -> None:
    related = {"resourceType": "RelatedPerson", "relationship": relationship}
    assert ends_with_age(related)
    assert relation_of(related) == relation


@pytest.mark.parametrize(
    "relationship",
    [
        [concept("WIFE")],
        [concept("SPO", system=V2)],
        [concept("SON"), concept("SPS", system=OLD)],
        [concept("BRO")],
        [concept("HPOWATT")],
        [concept("MTH"), concept("HPOWATT")],
        [{"coding": [*concept("WIFE")["coding"], {"system": "https://elsewhere.example", "code": "1"}]}],
    ],
)
def test_partners_children_siblings_and_powers_of_attorney_know_no_age(relationship: Any) -> None:
    assert not ends_with_age({"resourceType": "RelatedPerson", "relationship": relationship})
