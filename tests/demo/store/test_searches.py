"""Searches of the whole population, each beside the same question asked in Python of the resources themselves."""

from collections.abc import Callable
from typing import Any

import pytest

from assent.demo.store.population.generate import DEFAULT_TODAY
from assent.demo.store.population.households import residents
from store.asking import BASE, Json, key_of

MRN = "https://st-elsewhere.example/ids/mrn"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

Meets = Callable[[Json], Any]


def ref(resource: Json, name: str) -> str:
    value = resource.get(name) or {}
    return (value[0] if isinstance(value, list) else value).get("reference", "")


def has_code(resource: Json, code: str, element: str = "code") -> bool:
    value = resource.get(element, [])
    concepts = value if isinstance(value, list) else [value]
    return any(coding["code"] == code for each in concepts for coding in each.get("coding", []))


def value_of(resource: Json) -> float:
    return resource.get("valueQuantity", {}).get("value", -1)


def about(patient: str) -> Meets:
    return lambda each: ref(each, "subject") == f"Patient/{patient}"


def family(resource: Json) -> str:
    return resource["name"][0]["family"]


CHILDREN = {each.key for each in residents(DEFAULT_TODAY) if each.is_child_on(DEFAULT_TODAY)}
"""The patients of the pediatrician, Dr. Rivera."""


def heart_rate(each: Json) -> bool:
    return has_code(each, "8867-4")


CASES: tuple[tuple[str, str, Meets], ...] = (
    # token
    ("Patient?gender=other", "Patient", lambda each: each["gender"] == "other"),
    ("Patient?gender:not=female", "Patient", lambda each: each["gender"] != "female"),
    (
        "Patient?gender=http://hl7.org/fhir/administrative-gender|male",
        "Patient",
        lambda each: each["gender"] == "male",
    ),
    ("Patient?active=false", "Patient", lambda each: each["active"] is False),
    ("Patient?deceased=true", "Patient", lambda _: False),
    ("Patient?_id=amy,leo,nobody", "Patient", lambda each: each["id"] in ("amy", "leo")),
    ("Patient?race=2028-9", "Patient", lambda each: "2028-9" in str(each["extension"])),
    ("Patient?email=amy@mail.example", "Patient", lambda each: each["id"] == "amy"),
    ("Patient?phone=555-0101", "Patient", lambda each: family(each) == "Weber"),
    (f"Patient?identifier={MRN}|", "Patient", lambda _: True),
    ("Patient?identifier=|MRN1", "Patient", lambda _: False),
    (f"Condition?code={SNOMED}|59621000", "Condition", lambda each: has_code(each, "59621000")),
    (f"Condition?code={LOINC}|59621000", "Condition", lambda _: False),
    (
        "Condition?code=59621000,195967001",
        "Condition",
        lambda e: has_code(e, "59621000") or has_code(e, "195967001"),
    ),
    ("Condition?code:text=essential", "Condition", lambda each: has_code(each, "59621000")),
    ("Encounter?class=EMER", "Encounter", lambda each: each["class"]["code"] == "EMER"),
    ("Observation?component-code=8480-6", "Observation", lambda each: "8480-6" in str(each.get("component"))),
    # string
    ("Patient?name=okaf", "Patient", lambda each: family(each) == "Okafor"),
    ("Patient?family=GARCIA", "Patient", lambda each: family(each).startswith("García")),
    ("Patient?family:exact=garcia romero", "Patient", lambda _: False),
    ("Patient?family:exact=García Romero", "Patient", lambda each: family(each) == "García Romero"),
    ("Patient?family:contains=mer", "Patient", lambda each: "mer" in family(each).lower()),
    ("Patient?given=thao", "Patient", lambda each: each["id"] == "thao"),
    ("Patient?name=amy&name=okafor", "Patient", lambda each: each["id"] == "amy"),
    ("Patient?address-city=port", "Patient", lambda each: each["address"][0]["city"] == "Port Ellery"),
    ("Patient?address=7 linden", "Patient", lambda each: family(each) == "Weber"),
    ("Practitioner?name=lee", "Practitioner", lambda each: each["id"] == "lee"),
    ("RelatedPerson?name=jonas", "RelatedPerson", lambda each: each["id"].startswith("jonas-for")),
    # date
    ("Patient?birthdate=1984-03-09", "Patient", lambda each: each["birthDate"] == "1984-03-09"),
    ("Patient?birthdate=1984", "Patient", lambda each: each["birthDate"][:4] == "1984"),
    ("Patient?birthdate=ge2015&birthdate=lt2019", "Patient", lambda e: "2015" <= e["birthDate"] < "2019"),
    ("Patient?birthdate=sa2018-12-31", "Patient", lambda each: each["birthDate"] > "2018-12-31"),
    ("Patient?birthdate=ne1984-03", "Patient", lambda each: not each["birthDate"].startswith("1984-03")),
    (
        "Observation?patient=amy&date=gt2026-06-30",
        "Observation",
        lambda each: about("amy")(each) and each["effectiveDateTime"] > "2026-07",
    ),
    (
        "Encounter?subject=leo&date=le2024-12-31",
        "Encounter",
        lambda each: about("leo")(each) and each["period"]["start"] < "2025",
    ),
    ("Condition?onset-date=2025", "Condition", lambda each: each["onsetDateTime"].startswith("2025")),
    ("Immunization?date=2025-10-02", "Immunization", lambda each: each["occurrenceDateTime"] == "2025-10-02"),
    (
        "Encounter?_lastUpdated=lt2022-01-01T00:00:00Z",
        "Encounter",
        lambda each: each["meta"]["lastUpdated"] < "2022",
    ),
    # reference
    ("Observation?patient=amy", "Observation", about("amy")),
    ("Observation?patient=Patient/amy", "Observation", about("amy")),
    (f"Observation?subject={BASE}/Patient/amy", "Observation", about("amy")),
    ("Observation?subject:Patient=amy", "Observation", about("amy")),
    ("Observation?subject:Group=amy", "Observation", lambda _: False),
    ("Observation?subject=https://elsewhere.example/Patient/amy", "Observation", lambda _: False),
    ("Observation?patient=amy,leo", "Observation", lambda each: about("amy")(each) or about("leo")(each)),
    ("Observation?patient=amy&patient=leo", "Observation", lambda _: False),
    (
        "Observation?performer=Patient/nora",
        "Observation",
        lambda each: ref(each, "performer") == "Patient/nora",
    ),
    (
        "Person?relatedperson=jonas-for-leo",
        "Person",
        lambda each: each["id"] == "jonas",
    ),
    ("Person?patient=amy", "Person", lambda each: each["id"] == "amy"),
    ("RelatedPerson?patient=leo", "RelatedPerson", lambda each: ref(each, "patient") == "Patient/leo"),
    (
        "Coverage?policy-holder=Patient/nora",
        "Coverage",
        lambda each: ref(each, "policyHolder") == "Patient/nora",
    ),
    ("Group?member=leo", "Group", lambda _: True),
    (
        "QuestionnaireResponse?questionnaire=https://st-elsewhere.example/Questionnaire/hunger-vital-sign&patient=mia",
        "QuestionnaireResponse",
        about("mia"),
    ),
    # missing
    ("Patient?link:missing=false", "Patient", lambda each: "link" in each),
    ("Patient?death-date:missing=true", "Patient", lambda _: True),
    ("Encounter?discharge-disposition:missing=false", "Encounter", lambda each: "hospitalization" in each),
    # quantity
    (
        "Observation?code=8867-4&value-quantity=gt100",
        "Observation",
        lambda each: heart_rate(each) and value_of(each) > 100,
    ),
    (
        "Observation?patient=amy&value-quantity=le37.0|http://unitsofmeasure.org|Cel",
        "Observation",
        lambda each: about("amy")(each) and has_code(each, "8310-5") and value_of(each) <= 37.0,
    ),
    (
        "Observation?patient=amy&code=8867-4&value-quantity=71",
        "Observation",
        lambda each: about("amy")(each) and heart_rate(each) and 70.5 <= value_of(each) < 71.5,
    ),
    # chains
    (
        "Observation?patient.birthdate=1984-03-09",
        "Observation",
        about("amy"),
    ),
    (
        "Observation?subject:Patient.name=okafor",
        "Observation",
        lambda e: about("amy")(e) or about("chidi")(e),
    ),
    ("Patient?general-practitioner.name=rivera", "Patient", lambda each: key_of(each) in CHILDREN),
    (
        "Observation?patient.general-practitioner.family=rivera&code=8867-4&date=2026",
        "Observation",
        lambda each: (
            heart_rate(each) and each["effectiveDateTime"] > "2026" and ref(each, "subject") in CHILDREN
        ),
    ),
    # reverse chains
    (
        "Patient?_has:Group:member:_id=asthma-programme",
        "Patient",
        lambda each: each["id"] in ("leo", "chidi"),
    ),
    ("Patient?_has:RelatedPerson:patient:name=jonas", "Patient", lambda each: each["id"] in ("leo", "mia")),
    (
        "Patient?_has:RelatedPerson:patient:_has:Person:relatedperson:_id=jonas",
        "Patient",
        lambda each: each["id"] in ("leo", "mia"),
    ),
    (
        "Patient?_has:Observation:patient:_has:Provenance:target:_id=okafor-home-device",
        "Patient",
        lambda each: each["id"] in ("amy", "chidi"),
    ),
    (
        "Observation?patient._has:Group:member:_id=asthma-programme&code=8867-4",
        "Observation",
        lambda e: heart_rate(e) and (about("leo")(e) or about("chidi")(e)),
    ),
    # compartment
    ("Patient/amy/Condition", "Condition", about("amy")),
    (
        "Patient/nora/Coverage",
        "Coverage",
        lambda e: "Patient/nora" in (ref(e, "policyHolder"), ref(e, "beneficiary")),
    ),
    (
        "Patient/nora/Observation?code=8310-5&_lastUpdated=ge2026-10-30",
        "Observation",
        lambda e: e["id"] == "mia-temperature-by-nora",
    ),
    ("Patient/amy/Patient", "Patient", lambda each: each["id"] == "amy"),
)


@pytest.mark.parametrize(("path", "resource_type", "meets"), CASES, ids=[case[0] for case in CASES])
def test_a_search_finds_just_what_meets_it(whole, people, path, resource_type, meets):
    expected = {key_of(each) for each in people if each["resourceType"] == resource_type and meets(each)}
    separator = "&" if "?" in path else "?"
    found = whole.found(f"{path}{separator}_count=1000")
    assert set(found) == expected
    assert len(found) == len(expected)


def test_the_table_expects_something_in_most_cases(people):
    empty = [
        path
        for path, resource_type, meets in CASES
        if not any(each["resourceType"] == resource_type and meets(each) for each in people)
    ]
    assert len(empty) <= 9, empty


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Observation/_search", b"patient=amy&category=laboratory"),
        ("Observation/_search?patient=amy", b"category=laboratory"),
        ("Patient/amy/Observation/_search", b"category=laboratory"),
    ],
)
def test_search_by_post_takes_parameters_from_the_url_and_from_the_body(whole, path, body):
    response = whole.send("POST", path, body, content_type="application/x-www-form-urlencoded")
    expected = whole.get("Observation?patient=amy&category=laboratory")
    assert response.status == 200
    assert response.json()["total"] == expected["total"] > 0


def test_an_escaped_comma_is_part_of_the_value(small):
    store = small(
        {"resourceType": "Patient", "id": "1", "name": [{"family": "Smith, the elder"}]},
        {"resourceType": "Patient", "id": "2", "name": [{"family": "Smith"}]},
        {"resourceType": "Patient", "id": "3", "identifier": [{"system": "a|b", "value": "c\\d"}]},
    )
    assert store.found(r"Patient?family:exact=Smith\, the elder") == ["Patient/1"]
    assert store.found("Patient?family:exact=Smith,the elder") == ["Patient/2"]
    assert store.found(r"Patient?identifier=a\|b|c\\d") == ["Patient/3"]


def test_a_reference_to_another_server_is_found_by_its_whole_address(small):
    elsewhere = "https://elsewhere.example/fhir/Patient/amy"
    store = small(
        {"resourceType": "Observation", "id": "1", "subject": {"reference": elsewhere}},
        {"resourceType": "Observation", "id": "2", "subject": {"identifier": {"system": "s", "value": "v"}}},
        {"resourceType": "Observation", "id": "3", "subject": {"reference": f"{BASE}/Patient/amy"}},
        {"resourceType": "Observation", "id": "4", "subject": {"reference": "Patient/amy/_history/2"}},
    )
    assert store.found(f"Observation?subject={elsewhere}") == ["Observation/1"]
    assert store.found("Observation?subject:identifier=s|v") == ["Observation/2"]
    assert store.found("Observation?patient=amy") == ["Observation/3", "Observation/4"]


def test_the_self_link_repeats_what_was_understood_and_nothing_else(whole):
    bundle = whole.get("Patient?name=okafor&colour=blue&_count=5&_format=json")
    assert bundle["link"][0] == {"relation": "self", "url": f"{BASE}/Patient?name=okafor&_count=5"}
    assert bundle["total"] == 2


def test_full_urls_are_absolute_and_matches_are_marked(whole):
    entry = whole.get("Patient?_id=amy")["entry"][0]
    assert entry["fullUrl"] == f"{BASE}/Patient/amy"
    assert entry["search"] == {"mode": "match"}
