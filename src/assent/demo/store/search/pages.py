"""Cutting into pages that neither repeat nor skip a resource that was there all the time.

Owns: the cursor: the place between two rows, named by the sort values of its neighbour. Writes between two pages move
nothing, since the place is not a count. Leaves links to `bundles`, sort values to `sorting`.
Source: https://hl7.org/fhir/R4/http.html#paging.
"""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, Literal

import msgspec

from assent.demo.store.errors import BadRequest
from assent.demo.store.resources import Version
from assent.demo.store.search.sorting import SortValue

Key = tuple[tuple[SortValue, ...], int]
"""The sort values, and the place among rows whose values are the same, which no two rows share."""

Directions = tuple[bool, ...]
"""For each sort value whether it descends."""


@dataclass(frozen=True, slots=True)
class Row:
    """A version and where it belongs."""

    key: Key
    version: Version


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the order of rows: just after, or just before, the row of that key."""

    side: Literal["after", "before"]
    values: tuple[str | float | None, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Page:
    """The versions of one page, how many there are in all, and the cursors of the neighbouring pages."""

    matches: tuple[Version, ...]
    total: int
    previous: str | None
    next: str | None


def cut_page(rows: Iterable[Row], count: int, cursor: Cursor | None, descending: Directions = ()) -> Page:
    """The page at the cursor, the first one without it; raises BadRequest for a cursor of another order."""
    order = _order(descending)
    ordered = sorted(rows, key=lambda row: order(row.key))
    start, end = 0, count
    if cursor is not None:
        start, end = _bounds([row.key for row in ordered], cursor, order, len(descending), count)
    page = ordered[start:end]
    has_previous, has_next = bool(page) and start > 0, bool(page) and end < len(ordered)
    return Page(
        matches=tuple(row.version for row in page),
        total=len(ordered),
        previous=_write_cursor("before", page[0].key) if has_previous else None,
        next=_write_cursor("after", page[-1].key) if has_next else None,
    )


def read_cursor(text: str) -> Cursor:
    """Understand a cursor that a paging link carried; raises BadRequest."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode() + b"=="), type=Cursor)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
        raise BadRequest("The paging link is not one of this store.") from error


def _write_cursor(side: Literal["after", "before"], key: Key) -> str:
    raw = msgspec.json.encode(Cursor(side, *key))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bounds(
    keys: list[Key], cursor: Cursor, order: Callable[[Key], Any], width: int, count: int
) -> tuple[int, int]:
    if len(cursor.values) != width:
        raise BadRequest("The paging link belongs to another search.")
    place = order((cursor.values, cursor.place))
    if cursor.side == "after":
        start = bisect_right(keys, place, key=order)
        return start, start + count
    end = bisect_left(keys, place, key=order)
    return max(end - count, 0), end


def _order(descending: Directions) -> Callable[[Key], Any]:
    """What `sorted` and `bisect` compare instead of the key itself."""
    if not descending:
        return lambda key: key[1]

    def compare(one: Key, other: Key) -> int:
        return _compare(one, other, descending)

    return cmp_to_key(compare)


def _compare(one: Key, other: Key, descending: Directions) -> int:
    for own, others, descends in zip(one[0], other[0], descending, strict=True):
        if own == others:
            continue
        if own is None or others is None:
            return 1 if own is None else -1  # what has no value comes last, in either direction
        both = isinstance(own, float) and isinstance(others, float)
        is_less = own < others if both else str(own) < str(others)  # type: ignore[operator]
        return -1 if is_less is not descends else 1
    return one[1] - other[1]
