"""Reading scopes, writing them, and the algebra of two."""

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
    covers,
    meet,
    read_scope,
    wire_text,
)
from spec.scope_model import ACCESSES, allows, resource_scopes, scope_texts, scopes

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


@pytest.mark.row("S6")
@pytest.mark.parametrize(
    ("asked", "listed", "both"),
    [
        ("user/*.rs?category=x", "user/Patient.rs", None),
        ("user/*.rs?category=x", "user/Observation.rs", "user/Observation.rs?category=x"),
        ("user/*.rs?category=x", "user/*.rs?gender=f", None),
        ("user/*.rs?category=x", "user/*.rs?status=final", "user/*.rs?category=x&status=final"),
        ("user/Patient.rs", "user/*.rs?_id=1", "user/Patient.rs?_id=1"),
    ],
)
def test_two_scopes_have_in_common_only_what_can_be_honoured(
    asked: str, listed: str, both: str | None
) -> None:
    for one, other in ((asked, listed), (listed, asked)):
        met = meet(read_scope(one), read_scope(other))
        assert (met and canonical_text(met)) == both


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


def test_equality_is_of_meaning_not_of_writing() -> None:
    assert read_scope("user/*.read") == read_scope("user/*.rs")
    assert len({read_scope("user/*.*"), read_scope("user/*.cruds")}) == 1


@pytest.mark.parametrize(
    ("wide", "narrow", "yes"),
    [
        ("patient/*.rs", "patient/Observation.r", True),
        ("patient/*.read", "patient/Observation.rs", True),
        ("patient/Observation.rs", "patient/*.rs", False),
        ("patient/*.cruds", "user/Observation.r", False),
        ("user/*.cruds", "patient/Observation.r", False),
        ("patient/Observation.rs", "patient/Observation.rs?category=a", True),
        ("patient/Observation.rs?category=a", "patient/Observation.rs", False),
        ("patient/Observation.rs?category=a,b", "patient/Observation.rs?category=a", True),
        ("patient/Observation.rs?category=a", "patient/Observation.rs?category=a,b", False),
        ("patient/Observation.rs?category=a", "patient/Observation.r?category=a&code=b", True),
        ("patient/Observation.rs?category=a&code=b", "patient/Observation.r?category=a", False),
        ("launch", "launch/patient", False),
        ("launch/patient", "launch", False),
        ("launch/patient", "launch/patient?role=x", False),
        ("launch/patient", "launch/patient", True),
        ("openid", "openid", True),
        ("openid", "OpenID", False),
        ("openid", "patient/*.r", False),
    ],
)
def test_what_covers_what(wide: str, narrow: str, yes: bool) -> None:
    assert covers(read_scope(wide), read_scope(narrow)) is yes


@pytest.mark.parametrize(
    ("asked", "listed", "text"),
    [
        ("patient/*.read", "patient/*.cruds", "patient/*.read"),
        ("patient/*.read", "patient/Observation.rs", "patient/Observation.read"),
        ("patient/*.rs", "patient/Observation.read", "patient/Observation.rs"),
        ("patient/*.read", "patient/Observation.r", "patient/Observation.r"),
        ("patient/*.*", "patient/Observation.cud", "patient/Observation.write"),
        ("patient/*.read", "patient/Observation.rs?category=a", "patient/Observation.rs?category=a"),
        (
            "patient/Observation.rs?code=b",
            "patient/*.rs?category=a",
            "patient/Observation.rs?category=a&code=b",
        ),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs?category=b",
            "patient/Observation.rs?category=a&category=b",
        ),
        (
            "patient/Observation.rs?category=a,b",
            "patient/Observation.rs?category=b",
            "patient/Observation.rs?category=b",
        ),
        ("patient/Observation.rs?code=%61", "patient/*.rs", "patient/Observation.rs?code=%61"),
        ("patient/Observation.r", "patient/Observation.s", None),
        ("patient/Observation.r", "patient/Condition.r", None),
        ("patient/Observation.r", "user/Observation.r", None),
        ("launch", "launch/patient", None),
        ("openid", "fhirUser", None),
        ("openid", "openid", "openid"),
    ],
)
def test_what_two_scopes_both_allow(asked: str, listed: str, text: str | None) -> None:
    result = meet(read_scope(asked), read_scope(listed))
    assert (None if result is None else wire_text(result)) == text


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


@given(resource_scopes, resource_scopes)
def test_equal_meaning_is_equality(a: ResourceScope, b: ResourceScope) -> None:
    assert (a == b) is all(allows(a, access) == allows(b, access) for access in ACCESSES)


@given(resource_scopes, resource_scopes)
def test_covers_says_exactly_that_every_access_of_the_narrow_one_is_the_wide_ones(
    wide: ResourceScope, narrow: ResourceScope
) -> None:
    assert covers(wide, narrow) is all(allows(wide, one) for one in ACCESSES if allows(narrow, one)) or (
        # The small world has few types: a wildcard stands for those it has not, too.
        narrow.resource_type == "*" and wide.resource_type != "*"
    )


@given(resource_scopes, resource_scopes)
def test_the_meet_allows_exactly_what_both_allow(a: ResourceScope, b: ResourceScope) -> None:
    both = meet(a, b)
    for access in ACCESSES:
        assert (both is not None and allows(both, access)) is (allows(a, access) and allows(b, access))


@given(scopes, scopes)
def test_the_meet_is_covered_by_both_and_does_not_depend_on_their_order(
    a: ResourceScope, b: ResourceScope
) -> None:
    both = meet(a, b)
    assert both == meet(b, a)
    if both is not None:
        assert covers(a, both)
        assert covers(b, both)


@given(scopes)
def test_the_meet_with_itself_is_the_scope_as_it_was_written(a: ResourceScope) -> None:
    assert meet(a, a) is a


@given(scopes, scopes, scopes)
def test_the_meet_does_not_depend_on_grouping(a: ResourceScope, b: ResourceScope, c: ResourceScope) -> None:
    left, right = meet(a, b), meet(b, c)
    assert (left and meet(left, c)) == (right and meet(a, right))


@given(scopes, scopes, scopes)
def test_covering_is_a_partial_order(a: ResourceScope, b: ResourceScope, c: ResourceScope) -> None:
    assert covers(a, a)
    if covers(a, b) and covers(b, a):
        assert a == b
    if covers(a, b) and covers(b, c):
        assert covers(a, c)


@given(scopes, scopes)
def test_a_scope_covers_another_just_when_their_meet_is_the_other(a: ResourceScope, b: ResourceScope) -> None:
    assert covers(a, b) is (meet(a, b) == b)


def test_a_canonical_conjunction_implies_what_it_was_made_of() -> None:
    clauses = (("code", "a,b"), ("code", "b"), ("category", "x"))
    assert canonical(clauses) == (("category", "x"), ("code", "b"))
    assert implies(canonical(clauses), clauses)
