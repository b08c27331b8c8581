"""Whether a moment lies in a FHIR period. What cannot be read has not begun, or is over: rights hang on it.

Of a date, the whole day, month or year belongs to it, by UTC; of a time, that instant is the first or the last.
Source: FHIR R4 datatypes, Period and dateTime.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_TIME: Final = re.compile(r"[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


def is_within(starts: Any, ends: Any, now: datetime) -> bool:
    """Whether `now` (with a time zone) is in the period; one without a start or an end is open there."""
    return _is_reached(starts, now) and _is_not_over(ends, now)


def _is_reached(starts: Any, now: datetime) -> bool:
    if starts is None:
        return True
    if _is_date(starts):
        return bool(starts <= _as_precise(now, starts))
    instant = _instant(starts)
    return instant is not None and instant <= now


def _is_not_over(ends: Any, now: datetime) -> bool:
    if ends is None:
        return True
    if _is_date(ends):
        return bool(ends >= _as_precise(now, ends))
    instant = _instant(ends)
    return instant is not None and now <= instant


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and _DATE.fullmatch(value) is not None


def _as_precise(now: datetime, value: str) -> str:
    """Today, as far as the other date says: a year, a month or a day."""
    return now.astimezone(UTC).date().isoformat()[: len(value)]


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
