"""Date search: every date is an interval, as precise as it was written.

Source: https://hl7.org/fhir/R4/search.html#date. A time without a zone is read as UTC.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.demo.store.errors import BadRequest
from assent.demo.store.search.values import Test, split_prefix

_EVER = datetime.max.replace(tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    def holds(self, other: "Interval") -> bool:
        """Whether the other interval lies wholly in this one."""
        return self.start <= other.start and other.end <= self.end


def _is_about(wanted: Interval, own: Interval) -> bool:
    margin = wanted.end - wanted.start
    return own.end - wanted.start > -margin and own.start - wanted.end < margin


_COMPARE: dict[str, Callable[[Interval, Interval], bool]] = {
    "eq": lambda wanted, own: wanted.holds(own),
    "ne": lambda wanted, own: not wanted.holds(own),
    "gt": lambda wanted, own: own.end > wanted.end,
    "lt": lambda wanted, own: own.start < wanted.start,
    "ge": lambda wanted, own: own.end > wanted.end or wanted.holds(own),
    "le": lambda wanted, own: own.start < wanted.start or wanted.holds(own),
    "sa": lambda wanted, own: own.start >= wanted.end,
    "eb": lambda wanted, own: own.end <= wanted.start,
    "ap": _is_about,  # the specification leaves the width open: here as much again on either side
}


def date_test(text: str) -> Test:
    """`[prefix]date`, the date as precise as a year or as fine as a fraction of a second."""
    prefix, rest = split_prefix(text)
    # a `+` of a zone that was not percent-encoded arrives as a space
    wanted = read_date(rest.replace(" ", "+"))
    if wanted is None:
        raise BadRequest("A date is written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss][zone].")
    compare = _COMPARE[prefix]
    return lambda value: any(compare(wanted, own) for own in read_intervals(value))


def read_intervals(value: Any) -> Iterator[Interval]:
    """The intervals in one element value: a date, an instant, a Period, a Timing."""
    match value:
        case str():
            interval = read_date(value)
            if interval:
                yield interval
        case {"start": _} | {"end": _}:
            start, end = (read_date(str(value.get(edge, ""))) for edge in ("start", "end"))
            yield Interval(start.start if start else _NEVER, end.end if end else _EVER)
        case {"event": list(events)}:
            for event in events:
                yield from read_intervals(event)
        case {"repeat": {"boundsPeriod": period}}:
            yield from read_intervals(period)


def read_date(text: str) -> Interval | None:
    """The interval that a date or dateTime covers, in UTC; None when the text is neither."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    given = {name: int(match[name]) for name in _PARTS if match[name]}
    try:
        start = datetime(**{"month": 1, "day": 1, **given}, tzinfo=UTC)
        if match["fraction"]:
            start += timedelta(microseconds=int(float(match["fraction"]) * 1_000_000))
        start -= _offset(match["zone"])
    except (ValueError, OverflowError):
        return None
    try:
        return Interval(start, _end(start, len(given), bool(match["fraction"])))
    except (ValueError, OverflowError):
        return Interval(start, _EVER)  # 9999-12-31, as some write "for ever"


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z"):
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))


def _end(start: datetime, precision: int, has_fraction: bool) -> datetime:
    """`precision`: how many of year, month, day, hour, minute, second were written."""
    match precision:
        case 1:
            return start.replace(year=start.year + 1)
        case 2:
            return (start + timedelta(days=31)).replace(day=1)
        case 3:
            return start + timedelta(days=1)
        case 5:
            return start + timedelta(minutes=1)
    return start + (timedelta(milliseconds=1) if has_fraction else timedelta(seconds=1))
