"""Days, durations and counts in words, as CLDR writes them in each language.

Owns the phrasing of a moment for people. Logs and protocols write their instants themselves.
Sources: FHIR R4 datatypes, date (a year, a month or a day); CLDR (by Babel).
"""

from datetime import UTC, date, datetime
from typing import Final

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.units import format_unit

from assent.web.messages import Messages

_DAY: Final = 86_400
_UNITS: Final = (
    ("year", 365 * _DAY),
    ("month", 30 * _DAY),
    ("day", _DAY),
    ("hour", 3_600),
    ("minute", 60),
)


def say_date(text: str, messages: Messages) -> str:
    """A FHIR date or dateTime as a person says it: `4 June 2018`, `June 2018`, `2018`.

    What is no date comes back as it is: the record's own text is better than none.
    """
    parts = text.partition("T")[0].split("-")
    if len(parts) > 3 or not all(part.isdecimal() for part in parts):
        return text
    try:
        day = date(*[int(part) for part in [*parts, "1", "1"][:3]])
    except ValueError:
        return text
    if len(parts) == 3:
        return str(format_date(day, "long", locale=messages.locale))
    if len(parts) == 2:
        return str(format_skeleton("yMMMM", day, locale=messages.locale))
    return parts[0]


def say_instant(at: int, messages: Messages) -> str:
    """The day (UTC) of an instant in epoch seconds."""
    return say_date(datetime.fromtimestamp(at, UTC).date().isoformat(), messages)


def say_ago(at: int, now: int, messages: Messages) -> str:
    """How long ago an instant was, in the one unit that says it best: `2 hours ago`."""
    seconds = max(now - at, 60)  # nearer than a minute is not worth a number that is wrong a moment later
    return str(format_timedelta(-seconds, add_direction=True, locale=messages.locale))


def say_duration(seconds: int, messages: Messages) -> str:
    """A duration in the largest unit that says it exactly: `1 year`, `90 minutes`; minutes are rounded up."""
    number, unit = -(-seconds // 60), "minute"
    for name, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            number, unit = seconds // size, name
            break
    return str(format_unit(number, f"duration-{unit}", locale=messages.locale))


def say_count(number: int, latest: str | None, messages: Messages) -> str:
    """How much there is of something: `14 entries, latest 3 March 2026`. `latest` is a FHIR date."""
    if number == 0:
        return messages.text("counted.none")
    counted = messages.count("counted.some", number)
    if latest is None:
        return counted
    return messages.text("counted.latest", count=counted, date=say_date(latest, messages))
