"""The made-up people: the same every time, whole, and with something of every kind in every chart."""

import json
import re
from collections import Counter
from datetime import date

import pytest

from assent.demo.store.population import landmarks
from assent.demo.store.population.generate import population, transaction_bundles, versions
from assent.demo.store.store import FhirStore
from assent.demo.store.wire import encode
from store.asking import Asking, Json, key_of

# what US Core has servers search by patient, and what else a chart of the demo holds
BY_PATIENT = (
    *("AllergyIntolerance", "CarePlan", "CareTeam", "Condition", "Coverage", "Device", "DiagnosticReport"),
    *("DocumentReference", "Encounter", "Goal", "Immunization", "MedicationDispense", "MedicationRequest"),
    *("Observation", "Procedure", "Provenance", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest"),
    *("Specimen", "Media", "MedicationStatement", "MedicationAdministration", "FamilyMemberHistory"),
    *(
        "Appointment",
        "Communication",
        "Consent",
        "DeviceUseStatement",
        "ExplanationOfBenefit",
        "List",
        "Task",
    ),
)
OBSERVATION_CATEGORIES = ("laboratory", "vital-signs", "social-history", "survey")


def of_type(people: tuple[Json, ...], resource_type: str) -> list[Json]:
    return [each for each in people if each["resourceType"] == resource_type]


def test_the_same_day_gives_the_same_bytes(people):
    assert encode(people) == encode(population())
    assert encode(list(versions())) == encode(list(versions()))


def test_another_day_moves_births_and_visits_with_it(people):
    later = population(date(2029, 3, 1))
    leo = next(each for each in later if key_of(each) == landmarks.LEO)
    assert leo["birthDate"] == "2021-06-04"
    visits = [each["period"]["start"] for each in of_type(later, "Encounter")]
    assert "2028-12-01" < max(visits) < "2029-03-01"


def test_there_are_sixty_patients_and_more(people):
    patients = of_type(people, "Patient")
    assert len(patients) >= 60
    assert len({each["name"][0]["family"] for each in patients}) >= 25
    assert Counter(each["gender"] for each in patients).keys() == {"female", "male", "other"}


def test_every_id_is_used_once_and_is_valid(people):
    keys = [key_of(each) for each in people]
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each["id"]) for each in people)


def test_references_point_to_what_came_before(people):
    seen: set[str] = set()
    dangling: list[tuple[str, str]] = []
    for resource in people:
        seen.add(key_of(resource))
        targets = re.findall(r'"reference": "([^"#]+)"', json.dumps(resource))
        dangling += [(key_of(resource), target) for target in targets if target not in seen]
    assert dangling == [(landmarks.TOMAS, landmarks.TOMAS_DUPLICATE)]  # these two refer to each other


@pytest.mark.parametrize("resource_type", BY_PATIENT)
def test_every_patient_has_something_of_the_type(whole, people, resource_type):
    for patient in of_type(people, "Patient"):
        assert whole.get(f"{resource_type}?patient={patient['id']}&_summary=count")["total"] > 0


@pytest.mark.parametrize("category", OBSERVATION_CATEGORIES)
def test_every_patient_has_observations_of_the_category(people, category):
    having = {
        each["subject"]["reference"]
        for each in of_type(people, "Observation")
        if any(coding["code"] == category for concept in each["category"] for coding in concept["coding"])
    }
    assert having >= {key_of(each) for each in of_type(people, "Patient")}


@pytest.mark.parametrize("category", ["problem-list-item", "encounter-diagnosis", "health-concern"])
def test_every_patient_has_conditions_of_the_category(whole, people, category):
    having = set(whole.found(f"Patient?_has:Condition:patient:category={category}&_count=100"))
    assert having == {key_of(each) for each in of_type(people, "Patient")}


def test_nobody_has_five_hundred_observations(people):
    counts = Counter(each["subject"]["reference"] for each in of_type(people, "Observation"))
    assert max(counts.values()) < 500


def test_vital_signs_go_over_years_and_blood_pressure_has_its_components(people):
    readings = [
        each
        for each in of_type(people, "Observation")
        if each["subject"]["reference"] == landmarks.AMY
        and each["code"].get("coding", [{}])[0].get("code") == "85354-9"
    ]
    years = {each["effectiveDateTime"][:4] for each in readings}
    assert len(years) >= 6
    for each in readings:
        systolic, diastolic = (part["valueQuantity"]["value"] for part in each["component"])
        assert 30 < diastolic < systolic < 200


def test_jonas_is_the_father_of_two_children_and_nobodys_patient(whole):
    jonas = whole.get(landmarks.JONAS)
    related = [link["target"]["reference"] for link in jonas["link"]]
    assert related == [landmarks.JONAS_FOR_LEO, landmarks.JONAS_FOR_MIA]
    for key, child in zip(related, (landmarks.LEO, landmarks.MIA), strict=True):
        guardian = whole.get(key)
        assert guardian["patient"]["reference"] == child
        roles = {coding["code"] for concept in guardian["relationship"] for coding in concept["coding"]}
        assert roles == {"FTH", "GUARD"}
    assert whole.found("Patient?given=jonas") == []


def test_every_child_has_a_guardian(people):
    wards = {
        each["patient"]["reference"]
        for each in of_type(people, "RelatedPerson")
        if any(coding["code"] == "GUARD" for concept in each["relationship"] for coding in concept["coding"])
    }
    children = {key_of(each) for each in of_type(people, "Patient") if each["birthDate"] > "2008-11-20"}
    assert wards == children


def test_two_records_of_one_man_are_linked_to_each_other(whole):
    tomas, duplicate = whole.get(landmarks.TOMAS), whole.get(landmarks.TOMAS_DUPLICATE)
    assert [(each["other"]["reference"], each["type"]) for each in tomas["link"]] == [
        (landmarks.TOMAS_DUPLICATE, "replaces")
    ]
    assert [(each["other"]["reference"], each["type"]) for each in duplicate["link"]] == [
        (landmarks.TOMAS, "replaced-by")
    ]
    assert (tomas["active"], duplicate["active"]) == (True, False)


def test_the_entry_that_was_misfiled_shows_another_patient_in_its_history_only(whole):
    assert whole.get(landmarks.MISFILED)["subject"]["reference"] == landmarks.AMY
    first = whole.get(f"{landmarks.MISFILED}/_history/1")
    assert first["subject"]["reference"] == landmarks.CHIDI


def test_the_landmarks_are_there(whole):
    for name, key in vars(landmarks).items():
        if name.isupper():
            assert key_of(whole.get(key)) == key


def test_another_server_can_be_loaded_by_transactions(people):
    other = Asking(FhirStore(base_url="http://127.0.0.1:1/fhir"))
    for bundle in transaction_bundles(people, size=500):
        assert len(bundle["entry"]) <= 500
        assert other.send("POST", "", bundle).status == 200
    assert other.get("Patient?_summary=count")["total"] == len(of_type(people, "Patient"))
    assert other.get("Observation?patient=amy&_summary=count")["total"] > 100
