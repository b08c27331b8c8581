"""Whether a moment lies in a FHIR period."""

from datetime import UTC, datetime
from typing import Any

import pytest

from assent.spec.periods import is_within

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (None, None),
        ("2026", "2026"),
        ("2026-11", "2026-11"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-23T08:00:00.5Z", "2026-11-23T12:00:00.123456789Z"),
        ("2026-11-23T22:00:00+10:00", "2026-11-23T07:00:01-05:00"),
        (None, "2027-01-01T00:00:00Z"),
    ],
)
def test_it_is_within(starts: Any, ends: Any) -> None:
    assert is_within(starts, ends, NOON)


@pytest.mark.parametrize(
    "over",
    [
        "2025", "2026-10", "2026-11-22", "2026-11-23T08:00:00Z", "2026-11-23T11:59:59.9Z", "2026-11-23T21:59:59+10:00",
        "", "x", "2026-1", "2026-11-23T13:00:00", "2026-11-23T25:00:00Z", "2026-13-01T00:00:00Z", "９999", 2027, [], {},
    ],
)  # fmt: skip
def test_what_is_over_or_cannot_be_read_is_not(over: Any) -> None:
    assert not is_within(None, over, NOON)


@pytest.mark.parametrize(
    "later", ["2027", "2026-12", "2026-11-24", "2026-11-23T12:00:01Z", "2026-11-23T09:00:00-05:00", "x", 7]
)
def test_what_has_not_begun_is_not(later: Any) -> None:
    assert not is_within(later, None, NOON)
