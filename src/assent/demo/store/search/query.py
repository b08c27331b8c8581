"""A search request as a value: which type, which criteria, and how the answer is to look.

Owns: telling search parameters from result parameters, and what of them is applied.
Source: https://hl7.org/fhir/R4/search.html#Summary ("Managing Returned Resources").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from assent.demo.store.errors import BadRequest, StoreError, UnknownParameter
from assent.demo.store.messages import Pairs
from assent.demo.store.search.criteria import Criterion, find_parameter, read_criterion
from assent.demo.store.search.includes import Include, read_include
from assent.demo.store.search.pages import Cursor, read_cursor
from assent.demo.store.search.shapes import Shape
from assent.demo.store.search.sorting import SortKey

DEFAULT_COUNT: Final = 50
MAX_COUNT: Final = 1000

_SINGLE = frozenset({"_count", "_sort", "_summary", "_elements", "_total", "_cursor"})
_IGNORED = frozenset({"_format", "_pretty"})
_INCLUDES = frozenset({"_include", "_revinclude"})
_ITERATE = frozenset({"", "iterate", "recurse"})
_TOTALS = frozenset({"none", "estimate", "accurate"})
_SUMMARIES = frozenset({"true", "text", "data", "count", "false"})


@dataclass(frozen=True, slots=True)
class Search:
    """A search of one type. `applied`: the parameters that were understood, as the self link repeats them."""

    resource_type: str
    criteria: tuple[Criterion, ...]
    includes: tuple[Include, ...]
    sort: tuple[SortKey, ...]
    count: int
    cursor: Cursor | None
    with_total: bool
    shape: Shape
    applied: Pairs


def read_search(
    resource_type: str, pairs: Pairs, *, is_strict: bool, within: Iterable[Criterion] = ()
) -> Search:
    """Read a query; raises BadRequest and NotSupported, and UnknownParameter when the handling is strict.

    `within`: criteria that come from the path, not from the query.
    """
    criteria = list(within)
    includes: list[Include] = []
    applied: list[tuple[str, str]] = []
    single: dict[str, str] = {}
    for name, text in pairs:
        base, _, modifier = name.partition(":")
        try:
            if base in _INCLUDES and modifier in _ITERATE:
                includes.append(read_include(base, text, is_iterated=bool(modifier)))
            elif name in _SINGLE:
                _add_once(single, name, text)
            elif name not in _IGNORED:
                criteria.append(read_criterion(resource_type, name, text))
        except UnknownParameter:
            if is_strict:
                raise
            continue
        if name not in _IGNORED and name != "_cursor":
            applied.append((name, text))
    return Search(
        resource_type=resource_type,
        criteria=tuple(criteria),
        includes=tuple(includes),
        sort=_read_sort(resource_type, single.get("_sort", "")),
        count=read_count(single.get("_count")),
        cursor=read_cursor(single["_cursor"]) if "_cursor" in single else None,
        with_total=_read_choice("_total", single.get("_total", "accurate"), _TOTALS) != "none",
        shape=read_shape(single),
        applied=tuple(applied),
    )


def read_count(text: str | None) -> int:
    """`_count`, at most MAX_COUNT; raises BadRequest."""
    if text is None:
        return DEFAULT_COUNT
    if not text.isdecimal() or not text.isascii() or len(text) > 9:
        raise BadRequest("_count is a whole number, 0 or more.")
    return min(int(text), MAX_COUNT)


def _read_sort(resource_type: str, text: str) -> tuple[SortKey, ...]:
    keys = []
    for name in filter(None, text.split(",")):
        try:
            parameter = find_parameter(resource_type, name.removeprefix("-"))
        except StoreError as error:
            raise BadRequest(f"{resource_type} cannot be sorted by {name}.") from error
        keys.append(SortKey(parameter, is_descending=name.startswith("-")))
    return tuple(keys)


def read_shape(single: Mapping[str, str]) -> Shape:
    """`_summary` and `_elements`; raises BadRequest."""
    summary = _read_choice("_summary", single.get("_summary", "false"), _SUMMARIES)
    elements = frozenset(filter(None, single.get("_elements", "").split(",")))
    if elements and summary != "false":
        raise BadRequest("_elements and _summary exclude each other.")
    return Shape(summary, elements)


def _read_choice(name: str, text: str, choices: frozenset[str]) -> str:
    if text not in choices:
        raise BadRequest(f"{name} is one of {', '.join(sorted(choices))}.")
    return text


def _add_once(single: dict[str, str], name: str, text: str) -> None:
    if name in single:
        raise BadRequest(f"{name} may be given once.")
    single[name] = text
