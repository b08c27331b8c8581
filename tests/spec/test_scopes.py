"""Reading scopes, and writing them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assent.spec.constraints import canonical, implies
from assent.spec.scopes import (
    LaunchScope,
    MalformedScope,
    NamedScope,
    ResourceScope,
    canonical_text,
    read_scope,
    wire_text,
)
from spec.scope_model import scope_texts

SCOPE_TOKEN = {chr(code) for code in (0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))}


@pytest.mark.row("S1")
@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("patient/Observation.rs", ResourceScope("patient", "Observation", "rs")),
        ("user/*.cruds", ResourceScope("user", "*", "cruds")),
        ("system/Patient.s", ResourceScope("system", "Patient", "s")),
        ("patient/Observation.cud", ResourceScope("patient", "Observation", "cud")),
    ],
)
def test_letters_of_a_v2_scope_are_its_interactions(text: str, scope: ResourceScope) -> None:
    assert read_scope(text) == scope


@pytest.mark.row("S3")
@pytest.mark.parametrize(("suffix", "letters"), [("read", "rs"), ("write", "cud"), ("*", "cruds")])
def test_v1_scopes_have_their_meaning_in_letters_and_stay_v1_in_text(suffix: str, letters: str) -> None:
    scope = read_scope(f"patient/Observation.{suffix}")
    assert scope == ResourceScope("patient", "Observation", letters)
    assert canonical_text(scope) == f"patient/Observation.{suffix}"


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "suffix", ["dus", "sr", "rr", "", "readwrite", "Read", "x", "rsx", "r s", "*r", "r.s"]
)
def test_letters_out_of_order_are_not_read_as_something_else(suffix: str) -> None:
    with pytest.raises(MalformedScope):
        read_scope(f"patient/Observation.{suffix}")


@pytest.mark.parametrize(
    "text",
    [
        "patient/",
        "patient/Observation",
        "patient/observation.rs",
        "patient/Observatoin.rs",
        "patient/.rs",
        "patient/Resource.rs",
        "patient/Observation/1.rs",
        "patient/Observation.rs?",
        "patient/Observation.rs?category",
        "patient/Observation.rs?category=",
        "patient/Observation.rs?=a",
        "patient/Observation.rs?category=a&",
        "patient/Observation.rs?category=a,,b",
        "patient/Observation.rs?category=%zz",
        "patient/Observation.rs?category=%ff",
        "patient/Observation.rs?category=a%00",
        "patient/Observation.rs?category=a%5C",
        "patient/Observation.rs?" + "&".join(["code=a"] * 9),
        "system/",
        "user/*",
        "launch/",
        "launch/Patient",
        "launch/patients",
        "launch/patient?role=",
        "launch/patient?role=a&role=b",
        "launch/patient?role=a%0A",
        "launch/patient?role=%ff",
        "launch/patient?type=a",
        "",
        "a b",
        'a"b',
        "a\\b",
        "Grüße",
        "a\n",
    ],
)
def test_what_is_no_scope_is_malformed(text: str) -> None:
    with pytest.raises(MalformedScope) as refusal:
        read_scope(text)
    assert refusal.value.text == text
    assert refusal.value.rule


@pytest.mark.row("S7")
@pytest.mark.parametrize(
    "query",
    [
        "code:in=http://example.org/vs",
        "patient.birthdate=1990",
        "_filter=a",
        "_has:Group:member:_id=1",
        "_count=5",
        "_include=a",
        "_sort=date",
        "_summary=true",
        "_query=x",
        "_text=x",
    ],
)
def test_modifiers_chains_filters_and_parameters_of_the_answer_are_malformed(query: str) -> None:
    with pytest.raises(MalformedScope):
        read_scope(f"patient/Observation.rs?{query}")


def test_a_v1_scope_takes_no_constraint() -> None:
    with pytest.raises(MalformedScope):
        read_scope("patient/Observation.read?category=a")


@pytest.mark.row("S6")
def test_a_constraint_is_decoded_sorted_and_freed_of_what_it_implies() -> None:
    scope = read_scope("patient/Observation.rs?code=b,a&category=x%7Cy%2Cz&code=a,c,b&code=a,b")
    assert isinstance(scope, ResourceScope)
    assert scope.parameters == (("category", "x|y,z"), ("code", "a,b"))


@pytest.mark.row("S6")
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("patient/Observation.rs?date=gt2020", "Observation cannot be held to a constraint on date"),
        ("patient/Observation.rs?code=1&date=gt2020", "Observation cannot be held to a constraint on date"),
        (
            "user/Observation.rs?value-quantity=5",
            "Observation cannot be held to a constraint on value-quantity",
        ),
        (
            "user/Observation.rs?nonsense=1&gender=f",
            "Observation cannot be held to a constraint on gender and",
        ),
        ("user/Patient.rs?category=laboratory", "Patient cannot be held to a constraint on category"),
        ("user/Patient.rs?_lastUpdated=gt2020", "Patient cannot be held to a constraint on _lastUpdated"),
        ("system/*.rs?nonsense=1", "no resource type can be held to a constraint on nonsense"),
        ("system/*.rs?code=1&gender=f", "no resource type can be held to a constraint on code and gender"),
    ],
)
def test_a_constraint_that_can_never_be_honoured_is_malformed(text: str, rule: str) -> None:
    with pytest.raises(MalformedScope) as refusal:
        read_scope(text)
    assert refusal.value.rule.startswith(rule)


def test_a_plus_sign_is_a_plus_sign() -> None:
    scope = read_scope("user/Observation.rs?code=a+b")
    assert isinstance(scope, ResourceScope)
    assert scope.parameters == (("code", "a+b"),)
    assert canonical_text(scope) == "user/Observation.rs?code=a%2Bb"


def test_an_escaped_comma_does_not_divide() -> None:
    scope = read_scope("patient/Observation.rs?code=b%5C,c,a")
    assert isinstance(scope, ResourceScope)
    assert scope.parameters == (("code", "a,b\\,c"),)
    assert read_scope(canonical_text(scope)) == scope


@pytest.mark.row("L1")
@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("launch", LaunchScope()),
        ("launch/patient", LaunchScope("patient")),
        ("launch/encounter", LaunchScope("encounter")),
        ("launch/imagingstudy", LaunchScope("imagingstudy")),
        (
            "launch/practitioner?role=https://example.org/x%20y",
            LaunchScope("practitioner", "https://example.org/x y"),
        ),
    ],
)
def test_launch_scopes(text: str, scope: LaunchScope) -> None:
    assert read_scope(text) == scope
    assert canonical_text(scope) == text


@pytest.mark.parametrize(
    "text", ["openid", "fhirUser", "offline_access", "launch:create", "https://a.example/x", "__x"]
)
def test_any_other_word_is_a_scope_of_that_name(text: str) -> None:
    assert read_scope(text) == NamedScope(text)
    assert canonical_text(NamedScope(text)) == text


def test_a_scope_is_written_back_letter_for_letter() -> None:
    text = "patient/Observation.rs?code=b%7Cc&category=a"
    scope = read_scope(text)
    assert wire_text(scope) == text
    assert canonical_text(scope) == "patient/Observation.rs?category=a&code=b|c"


@given(st.one_of(st.text(), st.text(alphabet="patientuserlaunch/.?&=%crds*,\\:_")))
@example("patient/Observation.rs?code=%")
def test_reading_any_text_gives_a_scope_or_says_that_it_is_malformed(text: str) -> None:
    try:
        scope = read_scope(text)
    except MalformedScope:
        return
    assert wire_text(scope) == text
    assert set(canonical_text(scope)) <= SCOPE_TOKEN
    assert read_scope(canonical_text(scope)) == scope


@given(
    st.text(min_size=1, max_size=20).filter(
        lambda text: text.isprintable() and "\\" not in text and "," not in text
    )
)
def test_any_constraint_survives_being_written(value: str) -> None:
    scope = ResourceScope("patient", "Observation", "rs", (("code", value),))
    text = canonical_text(scope)
    assert set(text) <= SCOPE_TOKEN
    assert read_scope(text) == scope


@given(scope_texts)
def test_reading_the_canonical_text_gives_the_scope_back(text: str) -> None:
    scope = read_scope(text)
    again = read_scope(canonical_text(scope))
    assert again == scope
    assert canonical_text(again) == canonical_text(scope)


def test_a_canonical_conjunction_implies_what_it_was_made_of() -> None:
    clauses = (("code", "a,b"), ("code", "b"), ("category", "x"))
    assert canonical(clauses) == (("category", "x"), ("code", "b"))
    assert implies(canonical(clauses), clauses)
