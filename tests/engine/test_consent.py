"""What a person is asked, and what her answer grants."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import AuthorizeRequest
from assent.engine.authorize.scope import candidate_scope
from assent.engine.consent import Reply, answer, granted_scope, offered_parts, question
from assent.engine.sessions import SignedIn
from assent.engine.settings import EngineSettings
from assent.records.clients import Client
from assent.records.people import Person
from assent.records.sessions import Session
from assent.spec.categories import CATEGORIES
from assent.spec.errors import InvalidScope
from assent.spec.scope_sets import ScopeSet, read_scopes
from assent.spec.scopes import wire_text

NOW = 1_800_000_000
SIGNED_IN = SignedIn(
    Session(b"s", "s-1", "u-amy", NOW, ("pwd",), NOW, NOW, NOW + 9999),
    Person("u-amy", "amy", "amy", fhir_user="Patient/amy"),
)


def asked(scope: str, /, *, prompt: tuple[str, ...] = (), remembered: str = "", **fields: Any) -> Progress:
    """A request as it stands when the approval page is shown."""
    client = Client(
        "app",
        "App",
        **{"scope": ("openid", "fhirUser", "email", "patient/*.cruds", "launch/patient"), **fields},
    )
    candidate = candidate_scope(EngineSettings(), client, scope, has_launch=False)
    request = AuthorizeRequest(
        "app", "https://app.example/done", "s", candidate.text, scope, None, None, None, None, prompt, None,
        None, None, None,
    )  # fmt: skip
    return Progress(request, client, NOW, SIGNED_IN, patient="amy", remembered=read_scopes(remembered).scopes)


def granted(progress: Progress, *ticked: str, parts: Iterable[str] = (), opened: Iterable[str] = ()) -> str:
    approved = answer(progress, Reply(frozenset(ticked), frozenset(parts), frozenset(opened)))
    settled = Progress(
        progress.request,
        progress.client,
        NOW,
        SIGNED_IN,
        patient="amy",
        approved_scope=approved.text,
        remembered=progress.remembered,
    )
    return granted_scope(settled).text


def test_each_scope_is_asked_and_what_is_unticked_is_narrowed_away() -> None:
    progress = asked("openid fhirUser patient/*.rs")
    assert question(progress).asked.text == "openid fhirUser patient/*.rs"
    assert granted(progress, "openid", "patient/*.rs") == "openid patient/*.rs"


@pytest.mark.parametrize("first", ["patient/Observation.rs", "patient/Observation.read"])
def test_a_scope_is_asked_and_granted_as_it_is_written_whoever_asked_the_same_in_other_words(
    first: str,
) -> None:
    for text in (first, "patient/Observation.read", "patient/Observation.rs"):
        progress = asked(text)
        assert question(progress).asked.text == text
        assert granted(progress, text) == text


def test_everything_unticked_grants_nothing() -> None:
    assert granted(asked("openid fhirUser")) == ""


@pytest.mark.parametrize(
    "extra", ["email", "patient/*.cruds", "user/*.cruds", "system/*.rs", "", "openid openid"]
)
def test_a_scope_that_the_form_names_but_the_request_did_not_grants_nothing(extra: str) -> None:
    assert granted(asked("openid patient/Observation.rs"), "openid", extra) == "openid"


def test_a_required_scope_is_granted_ticked_or_not() -> None:
    progress = asked("openid fhirUser patient/*.rs", required_scope=("patient/*.rs",))
    assert question(progress).required.text == "patient/*.rs"
    assert granted(progress) == "patient/*.rs"


def test_a_required_scope_that_was_not_asked_for_is_not_granted() -> None:
    assert granted(asked("openid", required_scope=("fhirUser",)), "openid", "fhirUser") == "openid"


def test_an_auto_approved_scope_is_given_unasked_but_only_when_the_app_asked_for_it() -> None:
    progress = asked("openid patient/*.rs", auto_approve_scope=("openid", "email"))
    assert question(progress).asked.text == "patient/*.rs"
    assert question(progress).given.text == "openid"
    assert granted(progress) == "openid"


def test_an_auto_granted_scope_is_given_though_nobody_asked() -> None:
    assert granted(asked("openid", auto_grant_scope=("email",)), "openid") == "openid email"


def test_remembered_scopes_are_given_and_shown_as_given() -> None:
    progress = asked("openid patient/*.rs", remember_approved_scopes=True, remembered="openid")
    assert question(progress).given.text == "openid"
    assert granted(progress) == "openid"


@pytest.mark.parametrize("fields", [{"always_require_approval": True}, {"prompt": ("consent",)}])
def test_remembered_scopes_are_asked_again_where_the_client_or_the_request_wants_it(
    fields: dict[str, Any],
) -> None:
    progress = asked("openid fhirUser", remember_approved_scopes=True, remembered="openid fhirUser", **fields)
    assert question(progress).asked.text == "openid fhirUser"
    assert granted(progress, "openid") == "openid"


def test_what_covers_more_was_remembered_covers_less() -> None:
    progress = asked("patient/Observation.rs", remember_approved_scopes=True, remembered="patient/*.cruds")
    assert question(progress).asked.text == ""


OBSERVATIONS = "patient/Observation.rs"
KINDS = tuple(f"{OBSERVATIONS}?category={category}" for category in CATEGORIES["Observation"])
LABORATORY, VITALS = KINDS[:2]


def parts(progress: Progress, text: str = OBSERVATIONS) -> tuple[str, ...]:
    """The kinds that are offered of an asked scope."""
    asked_now = question(progress)
    return next(
        offered_parts(asked_now, scope).texts for scope in asked_now.asked if wire_text(scope) == text
    )


def test_unlimited_reading_is_offered_in_kinds_each_within_it() -> None:
    progress = asked(f"openid {OBSERVATIONS}")
    assert parts(progress) == KINDS
    assert progress.candidate.covers(read_scopes(" ".join(KINDS)).scopes)


def test_every_kind_ticked_is_the_whole_scope_as_it_was_asked() -> None:
    progress = asked("patient/Observation.read")
    kinds = parts(progress, "patient/Observation.read")
    assert kinds == KINDS
    assert granted(progress, "patient/Observation.read", parts=kinds) == "patient/Observation.read"


def test_some_kinds_ticked_are_granted_instead_of_the_whole() -> None:
    progress = asked(f"openid {OBSERVATIONS} patient/Condition.rs")
    opened = [OBSERVATIONS, "patient/Condition.rs"]
    found = granted(progress, "openid", OBSERVATIONS, parts=[VITALS, LABORATORY], opened=opened)
    assert found == f"openid {LABORATORY} {VITALS}"


def test_no_kind_ticked_grants_nothing_of_the_scope_once_kinds_were_shown() -> None:
    progress = asked(f"openid {OBSERVATIONS}")
    assert granted(progress, "openid", OBSERVATIONS, opened=[OBSERVATIONS]) == "openid"
    assert granted(progress, "openid", OBSERVATIONS) == f"openid {OBSERVATIONS}"


def test_kinds_of_a_scope_that_is_not_ticked_grant_nothing() -> None:
    assert granted(asked(f"openid {OBSERVATIONS}"), "openid", parts=KINDS) == "openid"


def test_a_required_scope_cannot_be_narrowed() -> None:
    progress = asked(f"openid {OBSERVATIONS}", required_scope=(OBSERVATIONS,))
    assert parts(progress) == ()
    assert granted(progress, parts=[LABORATORY], opened=[OBSERVATIONS]) == OBSERVATIONS


@pytest.mark.parametrize(
    "scope",
    [
        "patient/*.rs",
        "patient/Observation.cruds",
        "patient/Observation.rs?category=laboratory",
        "patient/Patient.rs",
        "openid",
    ],
)
def test_other_scopes_are_offered_whole(scope: str) -> None:
    assert parts(asked(scope), scope) == ()


@pytest.mark.parametrize(
    "other",
    [
        "user/*.rs",
        "user/Observation.s",
        "patient/*.rs",
        "patient/*.r",
        "patient/Observation.read",
        f"{OBSERVATIONS}?category=exam,survey",
    ],
)
def test_a_scope_whose_data_another_one_reaches_is_offered_whole_unless_they_only_overlap(other: str) -> None:
    progress = asked(f"{OBSERVATIONS} {other}", scope=("patient/*.cruds", "user/*.rs"))
    assert parts(progress) == (KINDS if "exam" in other else ())


def test_what_is_narrowed_is_what_the_grant_holds_when_it_is_read_again() -> None:
    progress = asked(f"openid {OBSERVATIONS}")
    forged = "patient/Observation.rs?category=http%3A//evil.example|x patient/*.cruds user/*.rs"
    settled = replace(progress, approved_scope=f"openid {LABORATORY} {forged}")
    assert granted_scope(settled).text == f"openid {LABORATORY}"


def test_what_was_given_before_is_told_from_what_is_new() -> None:
    fields: dict[str, Any] = {"remember_approved_scopes": True, "remembered": "openid"}
    assert question(asked("openid email", **fields)).remembered.text == "openid"
    again = question(asked("openid email", **fields, always_require_approval=True))
    assert (again.asked.text, again.remembered.text, again.given.text) == ("openid email", "openid", "")


SCOPES = st.sampled_from(
    [
        "openid",
        "fhirUser",
        "email",
        "launch/patient",
        "patient/*.rs",
        "patient/*.cruds",
        "patient/*.read",
        "patient/Observation.rs",
        "patient/Observation.rs?category=laboratory",
        "patient/Condition.r",
        "patient/Condition.rs",
        "user/Observation.rs",
        LABORATORY,
        "user/*.rs",
        "user/Observation.write",
        "system/*.rs",
        "custom",
    ]
)
LISTS = st.lists(SCOPES, max_size=5).map(tuple)
PARTS = st.lists(
    st.sampled_from(
        [*KINDS, "patient/Condition.rs?category=problem-list-item", "patient/*.rs", "user/*.cruds"]
    )
).map(tuple)


@given(
    asks=LISTS,
    allowed=LISTS,
    automatic=LISTS,
    approved=LISTS,
    required=LISTS,
    remembered=LISTS,
    form=LISTS,
    kinds=PARTS,
    opened=LISTS,
)
def test_whatever_the_form_says_granted_lies_within_requested_and_allowed_or_auto_granted(
    asks: tuple[str, ...],
    allowed: tuple[str, ...],
    automatic: tuple[str, ...],
    approved: tuple[str, ...],
    required: tuple[str, ...],
    remembered: tuple[str, ...],
    form: tuple[str, ...],
    kinds: tuple[str, ...],
    opened: tuple[str, ...],
) -> None:
    try:
        progress = asked(
            " ".join(asks),
            scope=allowed,
            auto_grant_scope=automatic,
            auto_approve_scope=approved,
            required_scope=required,
            remember_approved_scopes=True,
            remembered=" ".join(remembered),
        )
    except InvalidScope:
        return
    found = read_scopes(granted(progress, *form, parts=kinds, opened=opened)).scopes
    given_anyway = read_scopes(" ".join(automatic)).scopes
    for scope in found:
        requested, listed = read_scopes(" ".join(asks)).scopes, read_scopes(" ".join(allowed)).scopes
        assert given_anyway.covers(scope) or (requested.covers(scope) and listed.covers(scope))
    assert progress.candidate.covers(found)


@given(form=st.lists(st.text(max_size=30), max_size=5))
def test_no_text_in_the_form_grants_anything_by_itself(form: list[str]) -> None:
    progress = asked("patient/Observation.rs")
    assert granted(progress, *form) in ("", "patient/Observation.rs")
    assert ScopeSet().text == granted(progress, *(text for text in form if text != "patient/Observation.rs"))
