"""Holes through which patients' data has leaked from other servers, each closed here.

Each test names what went wrong elsewhere: public reports on FHIR servers and authorization servers.
"""

import pytest

from assent.spec.fhir.answers import answer_resource
from assent.spec.fhir.bundles import answer_bundle
from assent.spec.fhir.refusals import Refused
from spec.fhir.cases import (
    ALL_READ,
    PUBLIC,
    allowed,
    included,
    no_link,
    observation,
    of_type,
    patient,
    refused,
    rights,
    searchset,
    shown_ids,
)

AMY = rights("launch/patient openid patient/*.rs")


def test_a_patient_scope_without_a_patient_reaches_no_record_whatever_the_powers():
    # A token without the claim that says who the patient is skipped the compartment check altogether.
    for powers in ((), ALL_READ):
        held = rights("patient/*.rs", powers, patient=None)
        for target in ("Patient", "Patient/1", "Observation", "Observation/2", "Practitioner/3"):
            assert refused("GET", target, held).status == 403


def test_includes_and_reverse_includes_bring_nothing_of_other_patients():
    # _include and _revinclude returned resources from outside the compartment.
    bundle = searchset(observation("a", "1"))
    bundle["entry"] += [
        included(patient("2")),
        included(observation("b", "2")),
        included(of_type("Person", "x")),
    ]
    decision = allowed(
        "GET", "Observation?_include=Observation:performer&_revinclude=Observation:has-member", AMY
    )
    assert shown_ids(answer_bundle(decision, bundle, PUBLIC, no_link)) == ["Observation/a"]


def test_a_direct_read_by_id_is_checked_like_a_search():
    # A direct GET by id returned other patients' resources.
    with pytest.raises(Refused) as hidden:
        answer_resource(allowed("GET", "Observation/b", AMY), observation("b", "2"))
    assert hidden.value.refusal.status == 404


def test_type_and_interaction_are_decided_before_any_record_is_looked_at():
    # Checking on the way out told apps by 403 against an empty 200 whether a record exists.
    held = rights("patient/Condition.rs")
    there, not_there = (refused("GET", f"Observation/{id_}", held) for id_ in ("there", "not-there"))
    assert there == not_there
    assert there.status == 403


def test_user_scopes_need_no_patient_in_context():
    # user/ scopes were refused for want of a patient.
    held = rights("user/*.rs", ALL_READ, patient=None)
    assert allowed("GET", "Observation?patient=2", held).exact


def test_a_patient_finds_her_own_record_by_get_and_by_post():
    # Patient/_search came back empty under patient/ scopes.
    for method, target in (("GET", "Patient"), ("POST", "Patient/_search")):
        decision = allowed(method, target, AMY)
        assert decision.parameters == (("_id", "1"),)
        bundle = searchset(patient("1"), total=1)
        assert shown_ids(answer_bundle(decision, bundle, PUBLIC, no_link)) == ["Patient/1"]


@pytest.mark.parametrize(
    "target",
    [
        "Patient/$everything",
        "Patient/1/$everything",
        "Patient/2/$everything",
        "$export",
        "Patient/$export",
        "Group/1/$export",
        "Observation/$lastn",
        "Patient/1/$graphql",
        "Composition/1/$document",
        "ValueSet/$expand",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_operations_are_refused_even_to_those_who_may_read_all(method, target):
    # A type-level operation walked all patients because the token's patient never reached its handler.
    for held in (AMY, rights("system/*.cruds", ALL_READ, None, "client")):
        assert refused(method, target, held).outcome["issue"][0]["code"] == "forbidden"


@pytest.mark.parametrize(
    "scopes", ["", "openid fhirUser offline_access", "patient/Observation.sr", "nonsense/*.rs"]
)
def test_there_is_no_state_in_which_scopes_are_off(scopes):
    # A token with an older claim had its scopes ignored, and worked.
    held = rights(scopes, ALL_READ)
    for target in ("Patient/1", "Patient", "Observation", "Observation/_history"):
        assert refused("GET", target, held).status == 403


def test_a_linked_patient_is_not_reached_through_the_link():
    # Which of two linked records a token reached was nowhere written down.
    linked = patient("2", link=[{"other": {"reference": "Patient/1"}, "type": "seealso"}])
    decision = allowed("GET", "Patient?_include=Patient:link&_revinclude=Patient:link", AMY)
    bundle = searchset(patient("1", link=[{"other": {"reference": "Patient/2"}}]))
    bundle["entry"].append(included(linked))
    assert shown_ids(answer_bundle(decision, bundle, PUBLIC, no_link)) == ["Patient/1"]


@pytest.mark.parametrize(
    "target",
    [
        "Patient/1/../2",
        "Patient/%31",
        "Patient/1%2f..%2f2",
        "Patient//2",
        "./Patient/2",
        "Patient/1/Observation/..",
    ],
)
def test_a_path_that_a_server_could_read_otherwise_is_never_passed_on(target):
    assert refused("GET", target, AMY).status == 400
