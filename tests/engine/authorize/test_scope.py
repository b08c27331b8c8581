"""Which of the asked scopes can be granted at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.engine.authorize.scope import (
    MAX_CONSTRAINED_SCOPES,
    MAX_REMEMBERED_SCOPE,
    MAX_SCOPES,
    cached_scopes,
    candidate_scope,
    possible_for,
)
from assent.engine.settings import EngineSettings
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.errors import InvalidScope
from assent.spec.scope_sets import read_scopes

REFUSING = EngineSettings(unknown_scope="refuse")
LISTED = ("openid", "fhirUser", "launch/patient", "offline_access", "patient/*.rs", "user/Observation.cruds")
GRANTS = ("authorization_code", "refresh_token")


def client(**fields: Any) -> Client:
    return Client("app", "App", **{"scope": LISTED, "grant_types": GRANTS, **fields})


def candidate(
    asked: str, settings: EngineSettings | None = None, *, has_launch: bool = False, **fields: Any
) -> str:
    return candidate_scope(settings or EngineSettings(), client(**fields), asked, has_launch=has_launch).text


@pytest.mark.row("A13")
@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("openid patient/*.rs", "openid patient/*.rs"),
        ("openid patient/Observation.rs", "openid patient/Observation.rs"),
        ("openid patient/*.cruds", "openid patient/*.rs"),
        ("openid patient/Observation.cruds", "openid patient/Observation.rs"),
        ("openid user/*.rs", "openid user/Observation.rs"),
        ("openid email", "openid"),
        ("openid system/*.rs", "openid"),
    ],
)
def test_each_asked_scope_is_met_with_the_clients_list(asked: str, given: str) -> None:
    assert candidate(asked) == given


@pytest.mark.row("S3")
@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("patient/*.read", "patient/*.read"),
        (
            "patient/Observation.read patient/Observation.rs",
            "patient/Observation.read patient/Observation.rs",
        ),
        ("patient/*.*", "patient/*.read"),
        ("user/Observation.write", "user/Observation.write"),
    ],
)
def test_a_v1_scope_is_answered_as_v1(asked: str, given: str) -> None:
    assert candidate(asked) == given


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "malformed",
    [
        "patient/*.sr",
        "patient/*.dus",
        "patient/Obs.rs",
        "launch/Patient",
        "patient/Observation.rs?date=gt2020",
        "patient/Observation.rs?nonsense=1",
    ],
)
def test_a_malformed_scope_is_ignored_or_refused_by_a_setting(malformed: str) -> None:
    assert candidate(f"openid {malformed}") == "openid"
    with pytest.raises(InvalidScope):
        candidate(f"openid {malformed}", REFUSING)


def test_a_scope_that_meets_nothing_is_ignored_or_refused_by_a_setting() -> None:
    assert candidate("openid email") == "openid"
    with pytest.raises(InvalidScope):
        candidate("openid email", REFUSING)


@pytest.mark.parametrize(
    "asked",
    ["patient/*.cruds", "user/*.rs", "openid patient/Observation.rs?category=laboratory", "openid fhirUser"],
)
def test_a_scope_that_is_met_in_part_is_never_refused(asked: str) -> None:
    assert candidate(asked, REFUSING) == candidate(asked)


def test_an_auto_granted_scope_may_be_asked_for_where_unknown_ones_are_refused() -> None:
    assert candidate("openid email", REFUSING, auto_grant_scope=("email",)) == "openid email"


@pytest.mark.parametrize("asked", ["email", "system/*.rs", "launch", "patient/*.sr", "offline_access"])
def test_a_request_that_meets_nothing_is_refused(asked: str) -> None:
    with pytest.raises(InvalidScope):
        candidate(asked, scope=("openid", "launch", "system/*.rs"))


def test_an_auto_granted_scope_is_given_unasked() -> None:
    assert candidate("openid", auto_grant_scope=("email",)) == "openid email"


@pytest.mark.row("T14")
@pytest.mark.parametrize("scope", ["offline_access", "online_access"])
def test_a_client_without_the_refresh_grant_gets_no_lasting_access(scope: str) -> None:
    listed = (*LISTED, scope)
    assert candidate(f"openid {scope}", scope=listed) == f"openid {scope}"
    assert candidate(f"openid {scope}", scope=listed, grant_types=("authorization_code",)) == "openid"


def test_launch_counts_only_beside_a_handle() -> None:
    listed = (*LISTED, "launch")
    assert candidate("openid launch", scope=listed) == "openid"
    assert candidate("openid launch", scope=listed, has_launch=True) == "openid launch"


def test_more_scopes_than_anybody_needs_are_refused() -> None:
    assert candidate(" ".join(["openid"] * MAX_SCOPES)) == "openid"
    with pytest.raises(InvalidScope):
        candidate(" ".join(["openid"] * (MAX_SCOPES + 1)))
    with pytest.raises(InvalidScope):
        candidate("openid " + "x" * 20_000)
    fine = [f"patient/Observation.rs?code={number}" for number in range(MAX_CONSTRAINED_SCOPES)]
    assert candidate(" ".join([*fine, "openid"])) == " ".join([*fine, "openid"])
    with pytest.raises(InvalidScope):
        candidate(" ".join([*fine, "patient/Observation.rs?code=one-more"]))


def test_long_scopes_are_read_anew_each_time_so_that_nobody_fills_the_memory() -> None:
    short, long = "openid patient/*.rs", "openid " + "x" * MAX_REMEMBERED_SCOPE
    assert cached_scopes(short) is cached_scopes(short)
    assert cached_scopes(long) is not cached_scopes(long)
    assert cached_scopes(long) == read_scopes(long)


@pytest.mark.row("O2")
def test_fhir_user_is_left_out_for_somebody_without_a_fhir_resource() -> None:
    scope = read_scopes("openid fhirUser patient/*.rs").scopes
    assert possible_for(scope, Person("u-1", "a", "a", fhir_user="Patient/a")).text == scope.text
    assert possible_for(scope, Person("u-1", "a", "a")).text == "openid patient/*.rs"


TEXTS = st.sampled_from(
    [
        *LISTED,
        "patient/*.cruds",
        "patient/Observation.rs",
        "patient/Observation.r?category=laboratory",
        "patient/*.read",
        "user/*.*",
        "system/*.rs",
        "email",
        "launch",
        "launch/encounter",
        "patient/*.sr",
    ]
)


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS.filter(lambda text: text != "patient/*.sr"), max_size=6))
def test_what_can_be_granted_lies_within_what_is_asked_and_listed(
    asked: list[str], listed: list[str]
) -> None:
    try:
        found = candidate_scope(
            EngineSettings(), client(scope=tuple(listed)), " ".join(asked), has_launch=True
        )
    except InvalidScope:
        return
    assert read_scopes(" ".join(asked)).scopes.covers(found)
    assert read_scopes(" ".join(listed)).scopes.covers(found)


def test_more_scopes_with_constraints_than_the_gateway_looks_at_are_not_granted() -> None:
    """Asked as a few and listed as a few, they would be granted as many."""
    asked = " ".join(f"user/Observation.rs?code={number}" for number in range(10))
    listed = tuple(f"user/Observation.rs?status={number}" for number in range(6))
    assert len(candidate(asked, scope=listed[:5]).split()) == 50
    with pytest.raises(InvalidScope, match="scopes with constraints"):
        candidate(asked, scope=listed)


@pytest.mark.parametrize(
    ("is_on", "listed", "given"),
    [
        (False, True, "openid cdr_all_user_authorities"),
        (True, True, "openid cdr_all_user_authorities user/*.cruds"),
        (True, False, "openid"),
    ],
)
def test_all_authorities_are_said_aloud_and_only_where_a_setting_and_the_list_allow_them(
    is_on: bool, listed: bool, given: str
) -> None:
    scope = ("openid", *(("cdr_all_user_authorities",) if listed else ()))
    settings = EngineSettings(cdr_all_user_authorities=is_on)
    assert candidate("openid cdr_all_user_authorities", settings, scope=scope) == given
    assert candidate("openid", settings, scope=scope) == "openid"
