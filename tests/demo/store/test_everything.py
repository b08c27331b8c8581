"""The patient compartment and `$everything`."""

import json

import pytest

from assent.demo.store.compartment import PATIENT_COMPARTMENT
from assent.demo.store.search.parameters import search_parameters
from store.asking import key_of, keys


def test_everything_about_a_patient_is_her_compartment_and_what_it_refers_to(whole, people):
    found = {key for page in whole.pages("Patient/leo/$everything") for key in keys(page, "match")}
    about_leo = {
        key_of(each)
        for each in people
        if each["resourceType"] in PATIENT_COMPARTMENT
        and any(
            each.get(name, {}).get("reference") == "Patient/leo"
            for name in ("subject", "patient", "beneficiary")
        )
    }
    assert about_leo | {"Patient/leo", "Practitioner/rivera", "Organization/st-elsewhere"} <= found
    assert "Group/asthma-programme" in found
    assert "Patient/mia" not in found
    assert not [key for key in found if key.startswith("Observation/mia-")]


def test_everything_can_be_limited_to_types(whole):
    bundle = whole.get("Patient/amy/$everything?_type=Condition,Patient")
    assert {key.partition("/")[0] for key in keys(bundle, "match")} == {"Condition", "Patient"}


def test_everything_about_everybody_reaches_all_patients(whole, people):
    bundle = whole.get("Patient/$everything?_type=Patient&_count=1000")
    assert set(keys(bundle, "match")) == {
        key_of(each) for each in people if each["resourceType"] == "Patient"
    }


def test_everything_about_nobody_is_not_found(whole):
    assert whole.send("GET", "Patient/nobody/$everything").status == 404


@pytest.mark.parametrize(
    "path", ["Patient/nobody/Observation", "Patient/amy/Practitioner", "Patient/amy/Nothing"]
)
def test_a_compartment_that_is_none_is_not_found(whole, path):
    assert whole.send("GET", path).status == 404


def test_compartments_overlap_where_two_patients_meet(whole):
    shared = "Observation/mia-temperature-by-nora"
    assert shared in whole.found("Patient/mia/Observation")
    assert shared in whole.found("Patient/nora/Observation")
    beside = whole.get("Observation/nora-worry-about-leo")
    assert "Patient/leo" in json.dumps(beside)
    assert key_of(beside) not in whole.found("Patient/leo/Observation")


def test_every_parameter_of_the_compartment_is_a_reference_to_patients():
    for resource_type, names in PATIENT_COMPARTMENT.items():
        for name in names:
            parameter = search_parameters()[resource_type][name]
            assert parameter.kind == "reference"
            assert parameter.allows("Patient")
