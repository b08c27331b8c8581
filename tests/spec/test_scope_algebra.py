"""The algebra of two scopes: which covers which, and what both allow."""

import pytest
from hypothesis import given

from assent.spec.scopes import ResourceScope, canonical_text, covers, meet, read_scope, wire_text
from spec.scope_model import ACCESSES, allows, resource_scopes, scopes


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
