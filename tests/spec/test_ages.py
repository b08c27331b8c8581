"""How old somebody is, by a FHIR date."""

from datetime import date

import pytest

from assent.spec.ages import is_age


@pytest.mark.parametrize(
    ("born", "today", "is_18"),
    [
        ("2009-01-16", date(2027, 1, 15), False),
        ("2009-01-15", date(2027, 1, 15), True),  # the birthday itself
        ("2009-01-14", date(2027, 1, 15), True),
        ("2008-02-29", date(2026, 2, 28), False),
        ("2008-02-29", date(2026, 3, 1), True),
        ("2009-01", date(2027, 1, 1), True),  # of a month, the first day counts
        ("2009-02", date(2027, 1, 31), False),
        ("2009", date(2027, 1, 1), True),
        ("2010", date(2027, 12, 31), False),
        ("2030-01-01", date(2027, 1, 1), False),
        ("0001-01-01", date(2027, 1, 1), True),
    ],
)
def test_the_age_is_reached_on_the_birthday_and_in_doubt_before(born: str, today: date, is_18: bool) -> None:
    assert is_age(born, 18, today) is is_18


@pytest.mark.parametrize(
    "born", [None, "", "2009-13-01", "2009-01-32", "2009-00", "09-01-15", "2009-01-15T00:00:00Z", "２００９"]
)
def test_of_a_date_that_cannot_be_read_no_age_is_known(born: str | None) -> None:
    assert is_age(born, 18, date(2027, 1, 15)) is None
