"""Bundles: what of a search's or a history's answer is passed on."""

import pytest

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
    rights,
    searchset,
    shown_ids,
)

AMY = rights("patient/*.rs")
LEE = rights("user/*.rs", ALL_READ)


def answered(held, target, bundle, method="GET"):
    return answer_bundle(allowed(method, target, held), bundle, PUBLIC, no_link)


def test_every_match_is_checked():
    bundle = searchset(
        observation("a", "1"), observation("b", "2"), of_type("Observation", "c"), patient("1")
    )
    assert shown_ids(answered(AMY, "Observation", bundle)) == ["Observation/a"]
    assert shown_ids(answered(LEE, "Observation", bundle)) == [
        "Observation/a",
        "Observation/b",
        "Observation/c",
    ]


def test_what_is_included_is_checked_on_its_own_type():
    bundle = searchset(observation("a", "1"))
    bundle["entry"] += [
        included(patient("1")),
        included(patient("2")),
        included(of_type("Practitioner", "p")),
        included(of_type("Organization", "o")),
        included(observation("b", "1")),
        included(observation("c", "2")),
        included(of_type("Binary", "b")),
    ]
    held = rights("patient/Observation.rs patient/Patient.r patient/Organization.s patient/Binary.rs")
    assert shown_ids(answered(held, "Observation?_include=*", bundle)) == [
        "Observation/a",
        "Patient/1",
        "Organization/o",
        "Observation/b",
    ]


def test_an_entry_without_a_mode_is_a_match_if_it_is_of_the_type_that_was_searched():
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": observation("a", "1")}, {"resource": patient("1")}],
    }
    held = rights("patient/Observation.s patient/Patient.s")
    assert shown_ids(answered(held, "Observation", bundle)) == ["Observation/a", "Patient/1"]


@pytest.mark.row("S6")
def test_a_granular_scope_holds_for_matches_and_for_what_is_included():
    held = rights("patient/Observation.rs?category=laboratory patient/Patient.rs")
    labs = searchset(observation("a", "1", "laboratory"), observation("b", "1", "vital-signs"))
    assert shown_ids(answered(held, "Observation", labs)) == ["Observation/a"]
    record = searchset(patient("1"))
    record["entry"] += [
        included(observation("a", "1", "laboratory")),
        included(observation("b", "1", "vital-signs")),
    ]
    shown = answered(held, "Patient?_revinclude=Observation:patient", record)
    assert shown_ids(shown) == ["Patient/1", "Observation/a"]


@pytest.mark.row("S5", "S6")
def test_several_granular_scopes_show_their_union():
    held = rights("patient/Observation.rs?category=laboratory patient/Observation.rs?status=amended")
    bundle = searchset(
        observation("a", "1", "laboratory"),
        observation("b", "1", "vital-signs"),
        observation("c", "1", "vital-signs", status="amended"),
        total=3,
    )
    shown = answered(held, "Observation", bundle)
    assert shown_ids(shown) == ["Observation/a", "Observation/c"]
    assert "total" not in shown


@pytest.mark.parametrize(
    ("held", "bundle", "total"),
    [
        (AMY, searchset(observation("a", "1"), total=7), 7),
        (AMY, searchset(observation("a", "1"), observation("b", "2"), total=7), None),
        (AMY, searchset(observation("a", "1")), None),
        (AMY, searchset(total=0), 0),
        (LEE, searchset(observation("a", "1"), observation("b", "2"), total=7), 7),
        (AMY, searchset(observation("a", "1"), total="7"), None),
    ],
)
def test_a_total_is_passed_on_only_where_it_counts_nothing_that_is_hidden(held, bundle, total):
    assert answered(held, "Observation", bundle).get("total") == total


def test_what_is_left_out_of_the_includes_does_not_cost_the_total():
    bundle = searchset(observation("a", "1"), total=1)
    bundle["entry"].append(included(patient("2")))
    assert answered(AMY, "Observation", bundle)["total"] == 1


def test_a_provenance_is_shown_beside_something_that_it_is_about():
    bundle = searchset(observation("a", "1"), observation("b", "2"))
    about = {
        "p": ["Observation/a"],
        "q": ["Observation/a", "Observation/on-another-page"],
        "r": ["Observation/b"],
        "s": ["Observation/elsewhere"],
        "t": ["Observation/a", "Patient/2"],
    }
    for name, targets in about.items():
        references = [{"reference": target} for target in targets]
        bundle["entry"].append(included(of_type("Provenance", name, target=references)))
    shown = answered(AMY, "Observation?_revinclude=Provenance:target", bundle)
    assert shown_ids(shown) == ["Observation/a", "Provenance/p", "Provenance/q"]
    without = rights("patient/Observation.rs")
    assert shown_ids(answered(without, "Observation", bundle)) == ["Observation/a"]


def test_nothing_else_of_the_bundle_is_passed_on():
    bundle = searchset(
        observation("a", "1"), signature={"who": "x"}, extension=[{}], link=[{"relation": "self"}]
    )
    bundle["entry"][0] |= {"link": [{"relation": "x", "url": "http://upstream:8080"}], "extension": [{}]}
    bundle["entry"].append({"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome", "issue": [
        {"severity": "information", "code": "informational", "diagnostics": "Observation/b of Patient/2 left out"}
    ]}})  # fmt: skip
    bundle["entry"] += [
        "nonsense",
        {"resource": "nonsense"},
        {"fullUrl": "http://upstream:8080/fhir/Observation/b"},
    ]
    shown = answered(AMY, "Observation", bundle)
    assert set(shown) == {"resourceType", "type", "entry"}
    first, outcome = shown["entry"]
    assert first == {
        "fullUrl": f"{PUBLIC}/Observation/a",
        "resource": observation("a", "1"),
        "search": {"mode": "match"},
    }
    assert outcome["resource"]["issue"] == [{"severity": "information", "code": "informational"}]


def test_links_are_rewritten_or_left_out():
    links = [
        {"relation": "self", "url": "http://upstream/a"},
        {"relation": "next", "url": "http://upstream/b"},
        "x",
    ]
    decision = allowed("GET", "Observation", AMY)
    shown = answer_bundle(
        decision,
        searchset(link=links),
        PUBLIC,
        lambda relation, url: f"sealed:{url}" if relation == "next" else None,
    )
    assert shown["link"] == [{"relation": "next", "url": "sealed:http://upstream/b"}]


def version(resource, **more):
    return {"resource": resource, "request": {"method": "PUT", "url": "Observation/9"}, **more}


def test_each_version_of_a_history_is_checked_and_deletions_are_left_out():
    deletion = {
        "request": {"method": "DELETE", "url": "Observation/9"},
        "response": {"status": "204", "location": "x"},
    }
    versions = [
        version(observation("9", "1")),
        deletion,
        version(observation("9", "2")),
        version(observation("8", "1")),
    ]
    bundle = {"resourceType": "Bundle", "type": "history", "total": 4, "entry": versions}
    shown = answered(AMY, "Observation/9/_history", bundle)
    assert shown_ids(shown) == ["Observation/9"]
    assert "total" not in shown
    whole = answered(LEE, "Observation/9/_history", bundle)
    assert [entry["request"]["method"] for entry in whole["entry"]] == ["PUT", "DELETE", "PUT"]
    assert whole["entry"][1]["response"] == {"status": "204"}


def test_a_history_of_which_nothing_may_be_seen_is_not_found():
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [version(observation("9", "2"))]}
    with pytest.raises(Refused) as refused:
        answered(AMY, "Observation/9/_history", bundle)
    assert refused.value.refusal.status == 404


def test_an_answer_that_is_no_bundle_is_the_servers_fault():
    with pytest.raises(Refused) as refused:
        answered(AMY, "Observation", observation("a", "1"))
    assert refused.value.refusal.status == 502


def test_elements_are_left_out_of_matches_after_the_check():
    bundle = searchset(observation("a", "1"), observation("b", "2"))
    (entry,) = answered(AMY, "Observation?_elements=status", bundle)["entry"]
    assert set(entry["resource"]) == {"resourceType", "id", "meta", "status"}
    text = searchset(observation("a", "1", text={"div": "x"}))
    (entry,) = answered(AMY, "Observation?_summary=data", text)["entry"]
    assert "text" not in entry["resource"]
    assert "subject" in entry["resource"]
