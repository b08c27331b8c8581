"""Days, durations and counts in words."""

import pytest

from assent.web.dates import say_ago, say_count, say_date, say_duration, say_instant
from assent.web.languages import read_messages

MESSAGES = read_messages("en")


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2018-06-04", "4 June 2018"),
        ("2018-06", "June 2018"),
        ("2018", "2018"),
        ("2018-06-04T10:30:00Z", "4 June 2018"),
        ("2018-13-04", "2018-13-04"),
        ("2018-00", "2018-00"),
        ("around Easter", "around Easter"),
        ("", ""),
        ("1-2-3-4", "1-2-3-4"),
    ],
)
def test_a_fhir_date_is_said_as_exactly_as_it_is_known(date: str, said: str) -> None:
    assert say_date(date, MESSAGES) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (31_536_000, "1 year"),
        (2 * 31_536_000, "2 years"),
        (90 * 86_400, "3 months"),
        (86_400, "1 day"),
        (3_600, "1 hour"),
        (5_400, "90 minutes"),
        (61, "2 minutes"),
        (1, "1 minute"),
    ],
)
def test_a_duration_is_said_in_the_largest_unit_that_fits(seconds: int, said: str) -> None:
    assert say_duration(seconds, MESSAGES) == said


def test_an_instant_is_said_as_its_day() -> None:
    assert say_instant(1_528_106_400, MESSAGES) == "4 June 2018"


def test_a_count_names_the_latest_where_it_is_known() -> None:
    assert say_count(0, None, MESSAGES) == "none recorded"
    assert say_count(1, None, MESSAGES) == "1 entry"
    assert say_count(14, "2026-03-03", MESSAGES) == "14 entries, latest 3 March 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "1 minute ago"),
        (0, "1 minute ago"),
        (3_600, "1 hour ago"),
        (7_300, "2 hours ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(seconds: int, said: str) -> None:
    assert say_ago(1_528_106_400, 1_528_106_400 + seconds, MESSAGES) == said
