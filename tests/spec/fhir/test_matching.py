"""Does a resource fulfil the clauses of a granular scope?"""

import pytest

from assent.spec.fhir.matching import alternatives
from spec.fhir.cases import fulfils, observation, of_type

SYSTEM = "http://terminology.hl7.org/CodeSystem/observation-category"
LAB = observation(
    "o", "1", "laboratory", code={"coding": [{"system": "http://loinc.org", "code": "2339-0"}, {"code": "x"}]}
)
PATIENT = of_type(
    "Patient",
    "1",
    active=True,
    gender="female",
    name=[{"family": "Núñez", "given": ["Amy", "Zoë"]}],
    identifier=[{"system": "urn:mrn", "value": "12"}, {"value": "34"}],
    telecom=[{"system": "phone", "value": "555"}],
    meta={"profile": ["http://example.org/p"], "security": [{"code": "R"}]},
)


@pytest.mark.row("S6")
@pytest.mark.parametrize(
    ("resource", "clauses", "fulfilled"),
    [
        (LAB, [("category", "laboratory")], True),
        (LAB, [("category", f"{SYSTEM}|laboratory")], True),
        (LAB, [("category", f"{SYSTEM}|")], True),
        (LAB, [("category", "http://other|laboratory")], False),
        (LAB, [("category", "|laboratory")], False),
        (LAB, [("category", "LABORATORY")], False),
        (LAB, [("category", "vital-signs,laboratory")], True),
        (LAB, [("category", "vital-signs")], False),
        (LAB, [("category", "laboratory"), ("code", "http://loinc.org|2339-0")], True),
        (LAB, [("category", "laboratory"), ("code", "http://loinc.org|1-1")], False),
        (LAB, [("category", "laboratory"), ("category", "vital-signs")], False),
        (LAB, [("code", "|x")], True),
        (LAB, [("code", "|")], False),
        (LAB, [("code", "a|b|c")], False),
        (LAB, [("status", "final")], True),
        (LAB, [("status", "http://hl7.org/fhir/observation-status|final")], False),
        (LAB, [("subject", "Patient/1")], True),
        (LAB, [("subject", "1")], True),
        (LAB, [("subject", "http://upstream:8080/fhir/Patient/1")], True),
        (LAB, [("subject", "Patient/2")], False),
        (LAB, [("subject", "Group/1")], False),
        (LAB, [("patient", "1")], True),
        (LAB, [("_id", "o")], True),
        (LAB, [("_id", "p")], False),
        (LAB, [("date", "2020")], False),
        (LAB, [("nonsense", "1")], False),
        (LAB, [], True),
        (PATIENT, [("active", "true")], True),
        (PATIENT, [("active", "false")], False),
        (PATIENT, [("gender", "female")], True),
        (PATIENT, [("family", "nun")], True),
        (PATIENT, [("name", "zoe")], True),
        (PATIENT, [("name", "moe")], False),
        (PATIENT, [("identifier", "urn:mrn|12")], True),
        (PATIENT, [("identifier", "|34")], True),
        (PATIENT, [("identifier", "urn:mrn|34")], False),
        (PATIENT, [("phone", "555")], True),
        (PATIENT, [("email", "555")], False),
        (PATIENT, [("_profile", "http://example.org/p")], True),
        (PATIENT, [("_profile", "http://example.org")], False),
        (PATIENT, [("_security", "R")], True),
        (PATIENT, [("deceased", "false")], False),
        (of_type("Observation", category="laboratory"), [("category", "laboratory")], True),
        (of_type("Observation", category=[{"coding": "laboratory"}]), [("category", "laboratory")], False),
        (of_type("Observation", category=[{"text": "laboratory"}]), [("category", "laboratory")], False),
    ],
)
def test_a_resource_fulfils_what_its_own_elements_say(resource, clauses, fulfilled):
    assert fulfils(resource, tuple(clauses)) == fulfilled


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (r"a\,b", [r"a\,b"]),
        (r"a\\,b", [r"a\\", "b"]),
        ("", [""]),
        ("a,", ["a", ""]),
    ],
)
def test_alternatives_are_divided_by_commas_that_are_not_escaped(value, parts):
    assert alternatives(value) == parts


def test_an_escaped_comma_or_bar_is_part_of_the_code():
    resource = observation("o", "1", "a,b|c")
    assert fulfils(resource, (("category", r"a\,b\|c"),))
