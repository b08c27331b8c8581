"""Sorting, and cutting into pages that neither repeat nor skip a resource that was there all the time.

Owns: the order of matches, and the cursor: the place between two matches, named by the sort values of its neighbour.
Writes between two pages move nothing, since the place is not a count. Leaves links to `bundles`.
Source: https://hl7.org/fhir/R4/search.html#sort, http.html#paging.
"""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Literal

import msgspec

from assent.demo.store.errors import BadRequest
from assent.demo.store.resources import Version
from assent.demo.store.search.dates import read_intervals
from assent.demo.store.search.parameters import Parameter
from assent.demo.store.search.references import reference_text
from assent.demo.store.search.strings import fold, read_strings
from assent.demo.store.search.tokens import read_tokens
from assent.demo.store.wire import Json

SortValue = str | float | None
Row = tuple[tuple[SortValue, ...], int]
"""The sort values of a match, and its own place among those whose values are the same."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One element of `_sort`."""

    parameter: Parameter
    is_descending: bool


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the order of matches: just after, or just before, the row named."""

    side: Literal["after", "before"]
    values: tuple[str | float | None, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Page:
    """The matches of one page, how many there are in all, and where the neighbouring pages begin."""

    matches: tuple[Version, ...]
    total: int
    previous: str | None
    next: str | None


def order_of_creation(version: Version) -> int:
    """The place of a match in a search: the oldest resource first."""
    return version.created


def order_of_history(version: Version) -> int:
    """The place of a version in a history: the latest first."""
    return -version.position


def cut_page(
    matches: Iterable[Version],
    count: int,
    cursor: Cursor | None,
    *,
    sort: tuple[SortKey, ...] = (),
    place: Callable[[Version], int] = order_of_creation,
) -> Page:
    """The page at the cursor, the first one without it; raises BadRequest for a cursor of another sort."""
    order = _order(sort)
    keyed = (((_sort_values(version, sort), place(version)), version) for version in matches)
    rows = sorted(keyed, key=lambda each: order(each[0]))
    start, end = 0, count
    if cursor is not None:
        start, end = _bounds([row for row, _ in rows], cursor, sort, count)
    page = rows[start:end]
    has_previous, has_next = bool(page) and start > 0, bool(page) and end < len(rows)
    return Page(
        matches=tuple(version for _, version in page),
        total=len(rows),
        previous=_write_cursor("before", page[0][0]) if has_previous else None,
        next=_write_cursor("after", page[-1][0]) if has_next else None,
    )


def read_cursor(text: str) -> Cursor:
    """Understand a cursor that a paging link carried; raises BadRequest."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode() + b"=="), type=Cursor)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
        raise BadRequest("The paging link is not one of this store.") from error


def _write_cursor(side: Literal["after", "before"], row: Row) -> str:
    raw = msgspec.json.encode(Cursor(side, *row))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bounds(rows: list[Row], cursor: Cursor, sort: tuple[SortKey, ...], count: int) -> tuple[int, int]:
    if len(cursor.values) != len(sort):
        raise BadRequest("The paging link belongs to another search.")
    order = _order(sort)
    place = order((cursor.values, cursor.place))
    if cursor.side == "after":
        start = bisect_right(rows, place, key=order)
        return start, start + count
    end = bisect_left(rows, place, key=order)
    return max(end - count, 0), end


def _order(sort: tuple[SortKey, ...]) -> Callable[[Row], Any]:
    def compare(one: Row, other: Row) -> int:
        return _compare(one, other, sort)

    return cmp_to_key(compare)


def _compare(one: Row, other: Row, sort: tuple[SortKey, ...]) -> int:
    for own, others, key in zip(one[0], other[0], sort, strict=True):
        if own == others:
            continue
        if own is None or others is None:
            return 1 if own is None else -1  # what has no value comes last, in either direction
        is_less = (
            own < others if isinstance(own, float) and isinstance(others, float) else str(own) < str(others)
        )
        return -1 if is_less is not key.is_descending else 1
    return one[1] - other[1]


def _sort_values(version: Version, sort: tuple[SortKey, ...]) -> tuple[SortValue, ...]:
    if not sort:
        return ()
    resource = version.resource()
    return tuple(_sort_value(key, resource) for key in sort)


def _sort_value(key: SortKey, resource: Json) -> SortValue:
    values: list[Any] = [
        each for value in key.parameter.values(resource) for each in _comparable(key.parameter, value)
    ]
    if not values:
        return None
    value: SortValue = max(values) if key.is_descending else min(values)
    return value


def _comparable(parameter: Parameter, value: Any) -> list[Any]:
    match parameter.kind:
        case "date":
            return [interval.start.isoformat() for interval in read_intervals(value)]
        case "string" | "uri":
            return [fold(part) for part in read_strings(value)]
        case "token":
            return [code for _, code in read_tokens(value)]
        case "reference":
            return [text] if (text := reference_text(value)) else []
    amount = value.get("value") if isinstance(value, dict) else value
    return [float(amount)] if isinstance(amount, int | Decimal) else []
