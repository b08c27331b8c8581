"""What a patient is to the person who looks at her record."""

from typing import Any

import pytest

from assent.fhir.relations import ROLE_CODES, Relation, relation_of


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
