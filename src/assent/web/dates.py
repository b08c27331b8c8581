"""Days, durations and counts in words.

Owns the phrasing of a moment for people. Logs and protocols write their instants themselves.
Source: FHIR R4 datatypes, date (a year, a month or a day).
"""

from datetime import UTC, datetime
from typing import Final

from assent.web.messages import Messages

_DAY: Final = 86_400
_UNITS: Final = (
    ("year", 365 * _DAY),
    ("month", 30 * _DAY),
    ("day", _DAY),
    ("hour", 3_600),
    ("minute", 60),
)


def say_date(date: str, messages: Messages) -> str:
    """A FHIR date or dateTime as a person says it: `4 June 2018`, `June 2018`, `2018`.

    What is no date comes back as it is: the record's own text is better than none.
    """
    parts = date.partition("T")[0].split("-")
    if len(parts) > 3 or not all(part.isdecimal() for part in parts):
        return date
    year, *rest = parts
    if not rest:
        return year
    months = messages.text("date.months").split()
    if not 1 <= int(rest[0]) <= len(months):
        return date
    month = months[int(rest[0]) - 1]
    if len(rest) == 1:
        return messages.text("date.month", month=month, year=year)
    return messages.text("date.day", day=int(rest[1]), month=month, year=year)


def say_instant(at: int, messages: Messages) -> str:
    """The day (UTC) of an instant in epoch seconds."""
    return say_date(datetime.fromtimestamp(at, UTC).date().isoformat(), messages)


def say_duration(seconds: int, messages: Messages) -> str:
    """A duration in the largest unit that says it exactly: `1 year`, `90 minutes`; minutes are rounded up."""
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return messages.count(f"duration.{unit}", seconds // size)
    return messages.count("duration.minute", -(-seconds // 60))


def say_count(number: int, latest: str | None, messages: Messages) -> str:
    """How much there is of something: `14 entries, latest 3 March 2026`. `latest` is a FHIR date."""
    if number == 0:
        return messages.text("counted.none")
    counted = messages.count("counted.some", number)
    if latest is None:
        return counted
    return messages.text("counted.latest", count=counted, date=say_date(latest, messages))
