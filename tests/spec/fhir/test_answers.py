"""Single resources: as they stand, as they are sent, as they are returned."""

import pytest

from assent.spec.fhir.answers import (
    answer_resource,
    check_current,
    check_sent,
    plain_outcome,
    vouchers_needed,
)
from assent.spec.fhir.refusals import Refused
from assent.spec.identifiers import Reference
from assent.spec.permissions import own_powers
from spec.fhir.cases import ALL, ALL_READ, allowed, observation, of_type, patient, rights

AMY = rights("patient/*.cruds")
LEE = rights("user/*.cruds", ALL)
LABS = rights("patient/Observation.cruds?category=laboratory")


def status_of(action, *arguments):
    """The status with which `action` refuses; 200 where it does not."""
    try:
        action(*arguments)
    except Refused as refused:
        return refused.refusal.status
    return 200


READS = [
    (AMY, observation("9", "1"), 200),
    (AMY, observation("9", "2"), 404),
    (AMY, observation("9", "2", performer=[{"reference": "Patient/1"}]), 200),
    (AMY, of_type("Observation", "9"), 404),
    (AMY, observation("8", "1"), 404),
    (AMY, of_type("Condition", "9", subject={"reference": "Patient/1"}), 404),
    (LABS, observation("9", "1", "laboratory"), 200),
    (LABS, observation("9", "1", "vital-signs"), 404),
    (LABS, observation("9", "2", "laboratory"), 404),
    (LEE, observation("9", "2"), 200),
    (rights("user/*.rs", own_powers(["1", "2"])), observation("9", "2"), 200),
    (rights("user/*.rs", own_powers(["1", "2"])), observation("9", "3"), 404),
    (rights("patient/*.rs", ALL_READ), observation("9", "2"), 404),
    (rights("patient/*.rs", ALL_READ, None, "client"), observation("9", "2"), 200),
]


@pytest.mark.row("S8")
@pytest.mark.parametrize(("held", "resource", "status"), READS)
def test_a_read_shows_what_is_within_the_rights_and_is_not_found_otherwise(held, resource, status):
    decision = allowed("GET", "Observation/9", held)
    assert status_of(answer_resource, decision, resource) == status
    if status == 200:
        assert answer_resource(decision, resource) == resource


def test_what_is_not_there_and_what_is_somebody_elses_are_refused_alike():
    decision = allowed("PUT", "Observation/9", AMY)
    with pytest.raises(Refused) as absent:
        check_current(decision, None)
    with pytest.raises(Refused) as foreign:
        check_current(decision, observation("9", "2"))
    assert absent.value.refusal == foreign.value.refusal
    assert absent.value.refusal.status == 404


def test_contained_resources_travel_with_their_container_and_grant_nothing():
    decision = allowed("GET", "Observation/9", AMY)
    own = observation("9", "1", contained=[patient("2", name=[{"family": "Else"}])])
    assert answer_resource(decision, own) == own
    foreign = observation("9", "2", contained=[patient("1"), observation("8", "1")])
    assert status_of(answer_resource, decision, foreign) == 404


CURRENT = [
    ("GET Observation/9/_history/1", AMY, observation("9", "1"), 200),
    ("GET Observation/9/_history/1", AMY, observation("9", "2"), 404),
    ("GET Observation/9/_history", AMY, None, 404),
    ("PUT Observation/9", AMY, observation("9", "1"), 200),
    ("PUT Observation/9", AMY, observation("9", "2"), 404),
    ("PUT Observation/9", LABS, observation("9", "1", "vital-signs"), 404),
    (
        "PUT Observation/9",
        rights("patient/Observation.u?category=laboratory patient/Observation.r"),
        observation("9", "1", "vital-signs"),
        403,
    ),
]


@pytest.mark.parametrize(("request_", "held", "current", "status"), CURRENT)
def test_the_resource_as_it_stands_must_be_within_the_rights(request_, held, current, status):
    method, _, target = request_.partition(" ")
    assert status_of(check_current, allowed(method, target, held), current) == status


SENT = [
    ("POST Observation", AMY, observation("9", "1"), 200),
    ("POST Observation", AMY, observation("9", "2"), 403),
    ("POST Observation", AMY, of_type("Observation"), 403),
    ("POST Observation", AMY, observation("9", "2", performer=[{"reference": "Patient/1"}]), 403),
    ("POST Observation", AMY, observation("9", "1", performer=[{"reference": "Patient/2"}]), 403),
    ("POST Observation", AMY, observation("9", "1", performer=[{"reference": "Practitioner/2"}]), 200),
    ("POST Observation", AMY, of_type("Observation", subject={"reference": "Patient?identifier=1"}), 403),
    ("POST Observation", AMY, of_type("Observation", subject={"identifier": {"value": "1"}}), 403),
    ("POST Observation", AMY, of_type("Condition", subject={"reference": "Patient/1"}), 400),
    ("POST Observation", LABS, observation("9", "1", "laboratory"), 200),
    ("POST Observation", LABS, observation("9", "1", "vital-signs"), 403),
    ("POST Observation", LEE, of_type("Observation"), 200),
    ("POST Patient", AMY, {"resourceType": "Patient"}, 403),
    ("POST Patient", LEE, {"resourceType": "Patient"}, 200),
    ("POST Provenance", AMY, of_type("Provenance", target=[{"reference": "Observation/5"}]), 403),
    ("PUT Observation/9", AMY, observation("9", "1"), 200),
    ("PUT Observation/9", AMY, observation("9", "2"), 403),
    ("PUT Observation/9", AMY, observation("8", "1"), 400),
    ("PUT Patient/1", AMY, patient("1", gender="female"), 200),
    ("PUT Patient/1", AMY, patient("1", link=[{"other": {"reference": "Patient/2"}}]), 403),
    (
        "POST Appointment",
        rights("user/*.cruds", own_powers(["1", "2"])),
        of_type("Appointment", participant=[{"actor": {"reference": f"Patient/{one}"}} for one in "12"]),
        200,
    ),
    (
        "POST Appointment",
        AMY,
        of_type("Appointment", participant=[{"actor": {"reference": f"Patient/{one}"}} for one in "12"]),
        403,
    ),
]


@pytest.mark.parametrize(("request_", "held", "sent", "status"), SENT)
def test_what_is_sent_must_be_within_the_rights_and_name_no_other_patient(request_, held, sent, status):
    method, _, target = request_.partition(" ")
    assert status_of(check_sent, allowed(method, target, held), sent) == status


def test_the_answer_to_a_write_shows_what_was_written_and_nothing_else():
    decision = allowed("POST", "Observation", rights("patient/*.c"))
    assert answer_resource(decision, observation("9", "1")) == observation("9", "1")
    assert answer_resource(decision, observation("9", "2")) is None
    assert answer_resource(decision, patient("1")) is None


def test_an_outcome_of_the_server_loses_its_texts():
    issue = {
        "severity": "error",
        "code": "duplicate",
        "expression": ["Patient"],
        "diagnostics": "like Patient/2",
    }
    outcome = {"resourceType": "OperationOutcome", "text": {"div": "x"}, "issue": [issue, "nonsense"]}
    plain = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "duplicate", "expression": ["Patient"]}],
    }
    assert plain_outcome(outcome) == plain
    assert answer_resource(allowed("GET", "Patient/1", AMY), outcome) == plain


@pytest.mark.parametrize(
    ("held", "targets", "needed"),
    [
        (AMY, ["Observation/5", "Condition/6"], ["Observation/5", "Condition/6"]),
        (AMY, ["Patient/1"], []),
        (AMY, ["Observation/5", "Patient/2"], []),
        (AMY, ["http://elsewhere.example/Observation/5"], []),
        (LEE, ["Observation/5"], []),
    ],
)
def test_a_provenance_that_is_read_alone_follows_what_it_is_about(held, targets, needed):
    provenance = of_type("Provenance", "p", target=[{"reference": one} for one in targets])
    decision = allowed("GET", "Provenance/p", held)
    assert [one.text for one in vouchers_needed(decision, provenance)] == needed


def test_a_provenance_is_shown_when_something_that_it_is_about_is_allowed():
    provenance = of_type(
        "Provenance", "p", target=[{"reference": "Observation/5"}, {"reference": "Condition/6"}]
    )
    decision = allowed("GET", "Provenance/p", AMY)
    assert answer_resource(decision, provenance, frozenset({Reference("Condition", "6")})) == provenance
    assert status_of(answer_resource, decision, provenance, frozenset({Reference("Condition", "7")})) == 404
    assert status_of(answer_resource, decision, provenance) == 404


def test_elements_are_left_out_after_the_check():
    decision = allowed("GET", "Observation/9?_elements=code,value", AMY)
    resource = observation("9", "1", code={"text": "x"}, valueQuantity={"value": 1}, _code={}, valuesX=1)
    shown = answer_resource(decision, resource)
    assert shown is not None
    assert set(shown) == {"resourceType", "id", "meta", "code", "_code", "valueQuantity"}
    assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"
