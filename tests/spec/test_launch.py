"""Launch contexts: what is taken, what is refused, and their form in the token response."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.launch import (
    BadLaunchContext,
    ContextItem,
    LaunchContext,
    LaunchNeeds,
    launch_needs,
    members,
    read_launch_context,
)
from assent.spec.scope_sets import read_scope_definition

WHOLE = {
    "patient": "123",
    "encounter": "e-1",
    "fhirContext": [
        {"reference": "ImagingStudy/7"},
        {"reference": "Patient/8", "role": "https://example.org/role/mother"},
        {"canonical": "https://example.org/Questionnaire/phq-9|1.0", "type": "Questionnaire"},
        {"identifier": {"value": "x", "system": "urn:example"}, "type": "ServiceRequest"},
    ],
    "intent": "reconcile-medications",
    "need_patient_banner": False,
    "tenant": "st-elsewhere",
    "smart_style_url": "https://ehr.example/style.json",
}


@pytest.mark.row("L5", "L6", "L7", "L8", "L9")
def test_a_whole_context_is_read_and_written_back_as_it_was() -> None:
    context = read_launch_context(WHOLE)
    assert members(context) == WHOLE
    assert context.need_patient_banner is False
    assert context.fhir_context[0] == ContextItem(reference="ImagingStudy/7")
    assert hash(context) == hash(read_launch_context(json.loads(json.dumps(WHOLE))))


def test_nothing_in_context_gives_no_members() -> None:
    assert read_launch_context({}) == LaunchContext()
    assert members(LaunchContext()) == {}
    assert members(read_launch_context({"fhirContext": []})) == {}


@pytest.mark.row("L6")
@pytest.mark.parametrize("name", ["patient", "encounter"])
@pytest.mark.parametrize("value", ["Patient/123", "", "a b", "x" * 65, "..", 5, None, True, ["1"]])
def test_patient_and_encounter_are_bare_ids(name: str, value: object) -> None:
    with pytest.raises(BadLaunchContext, match=name):
        read_launch_context({name: value})


@pytest.mark.row("L7")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("need_patient_banner", "true"),
        ("need_patient_banner", 1),
        ("need_patient_banner", None),
        ("intent", 1),
        ("intent", ""),
        ("intent", "a\nb"),
        ("intent", "x" * 1001),
        ("tenant", {"a": 1}),
        ("smart_style_url", "http://ehr.example/style.json"),
        ("smart_style_url", "/style.json"),
        ("smart_style_url", "javascript:x"),
        ("smart_style_url", 3),
        ("fhirContext", {}),
        ("fhirContext", "x"),
        ("fhirContext", [{"reference": "Basic/1"}] * 101),
    ],
)
def test_members_of_a_wrong_kind_are_refused(name: str, value: object) -> None:
    with pytest.raises(BadLaunchContext) as refusal:
        read_launch_context({name: value})
    assert refusal.value.parameter == name


@pytest.mark.row("L9")
@pytest.mark.parametrize(
    "item",
    [
        {},
        {"type": "Observation"},
        {"reference": "https://ehr.example/fhir/Observation/1"},
        {"reference": "Observation"},
        {"reference": "/Observation/1"},
        {"reference": "Foo/1"},
        {"canonical": "Questionnaire/1"},
        {"canonical": ""},
        {"identifier": "x"},
        {"identifier": {}},
        {"identifier": {"use": "official"}},
        {"identifier": {"value": "x" * 1000}},
        {"identifier": {"value": "\ud800"}},
        {"identifier": {"value": float("nan")}},
        {"identifier": {"value": json.loads("[" * 900 + "]" * 900)}},
        {"reference": "Observation/1", "type": "Condition"},
        {"reference": "Observation/1", "type": "Foo"},
        {"reference": "Observation/1", "display": "x"},
        "Observation/1",
        None,
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(item: object) -> None:
    with pytest.raises(BadLaunchContext, match=r"fhirContext\[1\]"):
        read_launch_context({"fhirContext": [{"reference": "Basic/1"}, item]})


@pytest.mark.row("L10")
@pytest.mark.parametrize("type_", ["Patient", "Encounter"])
def test_patient_and_encounter_are_items_only_in_another_role(type_: str) -> None:
    for item in (
        {"reference": f"{type_}/1"},
        {"reference": f"{type_}/1", "role": "launch"},
        {"identifier": {"value": "x"}, "type": type_},
    ):
        with pytest.raises(BadLaunchContext, match="role"):
            read_launch_context({"fhirContext": [item]})
    other = {"reference": f"{type_}/1", "role": "https://example.org/role"}
    assert members(read_launch_context({"fhirContext": [other]})) == {"fhirContext": [other]}


@pytest.mark.row("L11")
@pytest.mark.parametrize("role", ["", "mother", "/roles/mother", 5, "https://example.org/a b"])
def test_a_role_is_an_absolute_uri(role: object) -> None:
    with pytest.raises(BadLaunchContext, match="role"):
        read_launch_context({"fhirContext": [{"reference": "Observation/1", "role": role}]})


@pytest.mark.row("L11")
def test_the_role_launch_is_the_absent_one_and_roles_may_repeat() -> None:
    role = "https://example.org/role"
    context = read_launch_context(
        {
            "fhirContext": [
                {"reference": "Observation/1", "role": "launch"},
                {"reference": "Observation/2", "role": role},
                {"reference": "Observation/3", "role": role},
            ]
        }
    )
    assert [item.role for item in context.fhir_context] == [None, role, role]


def test_an_unknown_member_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadLaunchContext, match="did you mean need_patient_banner"):
        read_launch_context({"needPatientBanner": True})
    with pytest.raises(
        BadLaunchContext, match=r"has an unknown member; known are patient, .*smart_style_url$"
    ):
        read_launch_context({"xyzzy" * 100: 1})


def test_members_of_the_caller_are_known_and_left_to_it() -> None:
    assert read_launch_context({"user": 7, "intent": "x"}, ("user",)) == LaunchContext(intent="x")
    with pytest.raises(BadLaunchContext, match="did you mean user"):
        read_launch_context({"usr": "lee"}, ("user",))


@pytest.mark.row("S12")
@pytest.mark.parametrize(
    ("scope", "context", "needs"),
    [
        ("openid", LaunchContext(), LaunchNeeds(patient=False, encounter=False)),
        ("user/*.rs system/*.rs launch", LaunchContext(), LaunchNeeds(patient=False, encounter=False)),
        ("patient/*.rs", LaunchContext(), LaunchNeeds(patient=True, encounter=False)),
        ("launch/patient", LaunchContext(), LaunchNeeds(patient=True, encounter=False)),
        (
            "launch/patient patient/*.rs",
            LaunchContext(patient="1"),
            LaunchNeeds(patient=False, encounter=False),
        ),
        ("launch/encounter", LaunchContext(patient="1"), LaunchNeeds(patient=False, encounter=True)),
        ("launch/encounter", LaunchContext(encounter="1"), LaunchNeeds(patient=False, encounter=False)),
        (
            "launch/patient?role=https://e.example/r",
            LaunchContext(),
            LaunchNeeds(patient=False, encounter=False),
        ),
        ("launch/patient?role=launch", LaunchContext(), LaunchNeeds(patient=True, encounter=False)),
    ],
)
def test_what_scopes_need_in_context(scope: str, context: LaunchContext, needs: LaunchNeeds) -> None:
    assert launch_needs(read_scope_definition(scope), context) == needs


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_item = st.fixed_dictionaries(
    {},
    optional={
        "reference": st.sampled_from(("Observation/1", "Patient/1", "x")) | _json,
        "canonical": st.sampled_from(("urn:x", "x")) | _json,
        "identifier": st.just({"value": "1", "assigner": {"display": "x"}}) | _json,
        "role": st.sampled_from(("launch", "urn:role", "")) | _json,
        "type": st.sampled_from(("Observation", "Patient")) | _json,
    },
)
_object = st.fixed_dictionaries(
    {},
    optional={
        "patient": st.just("1") | _json,
        "encounter": st.just("1") | _json,
        "fhirContext": st.lists(_item, max_size=3) | _json,
        "intent": st.text() | _json,
        "need_patient_banner": st.booleans() | _json,
        "tenant": st.text() | _json,
        "smart_style_url": st.just("https://e.example/") | _json,
    },
)


@given(_object | st.dictionaries(st.text(), _json))
def test_any_object_is_read_or_refused_and_what_is_read_survives(value: dict[str, object]) -> None:
    try:
        context = read_launch_context(value)
    except BadLaunchContext:
        return
    assert read_launch_context(json.loads(json.dumps(members(context)))) == context
