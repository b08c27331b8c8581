"""How long an app may keep what it is granted."""

from dataclasses import replace
from typing import Any

import pytest

from assent.engine.authorize.progress import Progress
from assent.engine.lasting import ends_with_session, kept_seconds, offers_time, refreshing_ends
from assent.engine.settings import EngineSettings
from assent.spec.scope_sets import read_scopes
from tests.engine.test_consent import NOW, asked

SETTINGS = EngineSettings(refresh_absolute_seconds=1000, session_absolute_seconds=500)
LASTING = read_scopes("openid offline_access").scopes


def asking(**fields: Any) -> Progress:
    """A request for lasting access."""
    given = {"grant_types": ("authorization_code", "refresh_token"), "scope": ("openid", "offline_access")}
    return asked("openid offline_access", **{**given, **fields})


def ends(progress: Progress, scope: str = "openid offline_access") -> int:
    return refreshing_ends(SETTINGS, progress, read_scopes(scope).scopes)


def test_without_choices_the_client_or_else_the_server_says_how_long() -> None:
    assert not offers_time(asking())
    assert ends(asking()) == NOW + 1000
    assert ends(asking(refresh_token_seconds=60)) == NOW + 60


def test_what_cannot_be_refreshed_has_no_end_of_refreshing() -> None:
    assert ends(asking(offline_choices=(60,)), "openid") == 0


def test_the_choice_that_the_person_made_is_the_end() -> None:
    progress = asking(offline_choices=(60, 120))
    assert offers_time(progress)
    assert ends(replace(progress, keep_seconds=120)) == NOW + 120


@pytest.mark.parametrize("kept", [None, 1, 10**9])
def test_a_choice_that_is_not_offered_any_more_is_the_first_that_is(kept: int | None) -> None:
    progress = replace(asking(offline_choices=(60, 120)), keep_seconds=kept)
    assert kept_seconds(progress) == 60
    assert ends(progress) == NOW + 60


def test_this_visit_ends_with_the_session_whatever_the_scope_says() -> None:
    progress = replace(asking(offline_choices=(0, 60)), keep_seconds=0)
    assert ends_with_session(progress, LASTING)
    assert ends(progress) == NOW + 500
    assert not ends_with_session(replace(progress, keep_seconds=60), LASTING)


def test_choices_are_about_offline_access_alone() -> None:
    progress = asking(offline_choices=(0,), scope=("openid", "online_access"))
    assert not offers_time(progress)
    assert ends_with_session(progress, read_scopes("online_access").scopes)
    assert ends(progress, "online_access") == NOW + 1000


def test_what_was_chosen_before_does_not_begin_anew_without_a_question() -> None:
    progress = replace(
        asking(offline_choices=(60,), remember_approved_scopes=True, remembered="openid offline_access"),
        remembered_until=NOW + 7,
    )
    assert not offers_time(progress)
    assert ends(progress) == NOW + 7
    assert not ends_with_session(progress, LASTING)
