"""Sets of scopes: what a request asks, a client may have, a grant holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.scope_sets import ScopeSet, read_scope_definition, read_scopes
from assent.spec.scopes import MalformedScope, ResourceScope, Scope, read_scope
from spec.scope_model import ACCESSES, allows, resource_scopes, scope_sets, set_allows


def scopes_of(text: str) -> ScopeSet:
    return read_scope_definition(text)


@pytest.mark.parametrize(
    ("asked", "listed", "granted"),
    [
        (
            "patient/*.rs",
            "patient/Observation.rs patient/Condition.r",
            "patient/Observation.rs patient/Condition.r",
        ),
        (
            "patient/*.read",
            "patient/Observation.rs patient/Condition.r",
            "patient/Observation.read patient/Condition.r",
        ),
        ("patient/Observation.read", "patient/*.cruds", "patient/Observation.read"),
        ("patient/*.read patient/*.rs", "patient/*.rs", "patient/*.read patient/*.rs"),
        ("patient/Observation.rs patient/*.rs", "patient/*.rs", "patient/Observation.rs patient/*.rs"),
        (
            "patient/Observation.r patient/Observation.s",
            "patient/*.rs",
            "patient/Observation.r patient/Observation.s",
        ),
        ("patient/Observation.rs", "patient/Observation.r patient/Observation.s", "patient/Observation.rs"),
        (
            "patient/Observation.rs?category=a,b",
            "patient/Observation.rs?category=a patient/Observation.rs?category=b",
            "patient/Observation.rs?category=a,b",
        ),
        ("patient/*.rs", "patient/*.r patient/Observation.r", "patient/*.r"),
        ("openid launch/patient x", "openid launch", "openid"),
        ("launch launch/patient", "launch/patient", "launch/patient"),
        ("fhirUser openid", "openid fhirUser", "fhirUser openid"),
        ("patient/*.rs user/*.rs", "user/Patient.r", "user/Patient.r"),
        ("openid openid", "openid", "openid"),
        ("", "openid", ""),
    ],
)
def test_each_asked_scope_is_met_with_the_list(asked: str, listed: str, granted: str) -> None:
    assert read_scopes(asked).scopes.meet(scopes_of(listed)).text == granted


@pytest.mark.row("S10")
def test_a_wildcard_or_an_unconstrained_scope_is_never_given_for_a_narrower_request() -> None:
    asked = scopes_of("patient/Observation.rs?category=laboratory patient/Condition.rs")
    assert asked.meet(scopes_of("patient/*.cruds")).text == asked.text


def test_malformed_scopes_of_a_request_are_set_aside() -> None:
    read = read_scopes("  openid patient/Observation.sr  user/Foo.rs patient/Observation.sr x\t")
    assert read.scopes.text == "openid"
    assert read.malformed == ("patient/Observation.sr", "user/Foo.rs", "x\t")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("patient/Observatoin.rs", "'patient/Observation.rs'"),
        ("patient/Observation.sr", "'patient/Observation.rs'"),
        ("launch/Patient", "'launch/patient'"),
    ],
)
def test_a_malformed_scope_of_a_definition_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(MalformedScope, match=meant) as refusal:
        read_scope_definition(("openid", text, "patient/"))
    assert refusal.value.text == text


def test_a_malformed_scope_of_a_definition_that_nothing_resembles_is_refused() -> None:
    with pytest.raises(MalformedScope, match="context/Type"):
        read_scope_definition(["patient/"])


def test_members_are_told_apart_by_kind() -> None:
    scopes = scopes_of("launch openid patient/*.read launch/encounter x")
    assert scopes.resources == (ResourceScope("patient", "*", "rs"),)
    assert [scope.resource_type for scope in scopes.launches] == [None, "encounter"]
    assert scopes.names == ("openid", "x")
    assert scopes.has("launch")
    assert scopes.has("patient/*.rs")
    assert not scopes.has("launch/patient")
    assert len(scopes) == 5


@pytest.mark.row("S12")
@pytest.mark.parametrize(
    ("text", "yes"), [("patient/*.r", True), ("user/*.r openid launch/patient", False), ("", False)]
)
def test_a_patient_scope_needs_a_patient(text: str, yes: bool) -> None:
    assert scopes_of(text).needs_patient is yes


def test_joining_keeps_the_order_and_leaves_out_what_is_there() -> None:
    assert scopes_of("b a").join(scopes_of("a c")).text == "b a c"


def test_taking_away_is_by_meaning_and_going_beyond_by_covering() -> None:
    scopes = scopes_of("patient/*.read patient/Observation.rs openid")
    assert scopes.without(scopes_of("patient/*.rs")).text == "patient/Observation.rs openid"
    assert scopes.beyond(scopes_of("patient/*.rs")).text == "openid"


@pytest.mark.parametrize(
    ("wide", "narrow", "yes"),
    [
        ("patient/Observation.r patient/Observation.s", "patient/Observation.rs", True),
        ("patient/Observation.r patient/*.s", "patient/Observation.rs", True),
        ("patient/Observation.r user/Observation.s", "patient/Observation.rs", False),
        ("patient/Observation.r patient/Condition.s", "patient/Observation.rs", False),
        ("patient/Observation.rs patient/Condition.rs", "patient/*.rs", False),
        ("patient/Observation.r?code=a patient/Observation.r?code=b", "patient/Observation.r?code=a,b", True),
        (
            "patient/Observation.r?code=a patient/Observation.s?code=b",
            "patient/Observation.r?code=a,b",
            False,
        ),
        ("patient/Observation.r?code=a", "patient/Observation.r?code=a,b", False),
        ("patient/Observation.r?code=a patient/Observation.r?code=b", "patient/Observation.r", False),
        (
            "patient/Observation.r?code=a patient/*.r?code=b",
            "patient/Observation.r?code=a,b&category=c",
            True,
        ),
        ("openid fhirUser", "openid", True),
        ("", "openid", False),
        ("", "patient/Observation.r", False),
    ],
)
def test_what_members_cover_together(wide: str, narrow: str, yes: bool) -> None:
    assert scopes_of(wide).covers(read_scope(narrow)) is yes
    assert scopes_of(wide).covers(scopes_of(narrow)) is yes


NAMES = [
    "category",
    "code",
    "status",
    "method",
    "identifier",
    "combo-code",
    "component-code",
    "data-absent-reason",
]


def test_many_constraints_are_compared_one_by_one() -> None:
    """All ways to choose one value for each name are more than could ever be compared."""
    values = ",".join(f"v{n}" for n in range(400))
    asked = scopes_of("patient/Observation.rs?" + "&".join(f"{name}={values}" for name in NAMES))
    listed = ScopeSet.of(read_scope(f"patient/Observation.rs?code=v{n}") for n in range(400))
    assert not listed.covers(asked)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_reading_any_request_loses_no_word(text: str) -> None:
    read = read_scopes(text)
    assert set(text.split(" ")) - {""} == {*read.scopes.texts, *read.malformed}


@given(scope_sets)
def test_the_text_of_a_set_is_read_as_the_same_set(scopes: ScopeSet) -> None:
    assert read_scopes(scopes.text).scopes == scopes


@given(scope_sets, scope_sets)
def test_what_is_granted_is_exactly_what_is_asked_and_listed(asked: ScopeSet, listed: ScopeSet) -> None:
    granted = asked.meet(listed)
    assert asked.covers(granted)
    assert listed.covers(granted)
    for access in ACCESSES:
        assert set_allows(granted, access) is (set_allows(asked, access) and set_allows(listed, access))


@given(scope_sets, scope_sets)
def test_a_covered_set_is_granted_as_it_was_asked(asked: ScopeSet, listed: ScopeSet) -> None:
    assert asked.meet(asked.join(listed)).text == asked.text
    assert (asked.meet(listed).text == asked.text) or not listed.covers(asked)


@given(scope_sets, resource_scopes)
def test_a_set_covers_just_what_its_members_cover_together(wide: ScopeSet, narrow: ResourceScope) -> None:
    if narrow.resource_type == "*":
        wide = ScopeSet.of(scope for scope in wide.resources if scope.resource_type == "*")
    assert wide.covers(narrow) is all(
        set_allows(wide, access) for access in ACCESSES if allows(narrow, access)
    )


@given(scope_sets, scope_sets, scope_sets)
def test_meeting_sets_does_not_depend_on_order_or_grouping(a: ScopeSet, b: ScopeSet, c: ScopeSet) -> None:
    assert _mutually_cover(a.meet(b), b.meet(a))
    assert _mutually_cover(a.meet(b).meet(c), a.meet(b.meet(c)))


@given(scope_sets, scope_sets)
def test_joining_adds_up(a: ScopeSet, b: ScopeSet) -> None:
    both = a.join(b)
    assert both.covers(a)
    assert both.covers(b)
    for access in ACCESSES:
        assert set_allows(both, access) is (set_allows(a, access) or set_allows(b, access))


@given(scope_sets, scope_sets)
def test_what_is_taken_away_is_gone_and_nothing_else(a: ScopeSet, b: ScopeSet) -> None:
    left = a.without(b)
    assert [scope for scope in a if scope not in b] == list(left)


@given(scope_sets, scope_sets)
def test_what_lies_beyond_a_set_is_all_that_must_be_added(a: ScopeSet, b: ScopeSet) -> None:
    assert b.join(a.beyond(b)).covers(a)
    assert not any(b.covers(scope) for scope in a.beyond(b))


def _mutually_cover(a: ScopeSet, b: ScopeSet) -> bool:
    scopes: tuple[Scope, ...] = (*a, *b)
    return all(a.covers(scope) and b.covers(scope) for scope in scopes)
