"""Reading definitions out of JSON: strict, and every mistake at once, each by its path.

A reader takes a JSON value and gives the checked one, or raises `Wrong`, whose places are relative to that value; what
surrounds it puts its own place in front. Owns the shapes (texts, numbers, lists, objects); what a field means is the
business of its definition (`client_definition`, `person_definition`).
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from assent.actions.refusals import Refused

Reader = Callable[[Any], Any]

# Control characters, lone surrogates, and the signs that turn text around: a name must read as it is stored.
_NOT_SHOWN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_LATEST: Final = 253402300799  # the end of the year 9999
_SEVERAL: Final = 200


class Wrong(ValueError):
    """A value breaks rules: `mistakes` are pairs of a place within it (`.name`, `[0]`, or empty) and a rule."""

    def __init__(self, *mistakes: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {rule}" for place, rule in mistakes))
        self.mistakes = mistakes


def wrong(rule: str) -> Wrong:
    """The value itself breaks this rule."""
    return Wrong(("", rule))


def refused(path: str, error: Wrong) -> list[str]:
    """The mistakes of a value that lies at `path`, as they are told."""
    return [f"{(path + place).lstrip('.') or 'the document'}: {rule}" for place, rule in error.mistakes]


_SHORTEST_PART: Final = 4


def nearest(name: str, known: Collection[str]) -> str:
    """`; did you mean redirect_uris?` where a known name is near (as to `redirectUris` and `uris`), else nothing."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:100]).lower()
    if snake in known:
        return f"; did you mean {snake}?"
    near = get_close_matches(snake, known, n=1, cutoff=0.7)
    near = near or sorted(one for one in known if len(snake) >= _SHORTEST_PART and snake in one)
    return f"; did you mean {near[0]}?" if near else ""


def text(longest: int = 1000) -> Reader:
    """A text that can be shown: 1 to `longest` characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise wrong("must be a text")
        if not value.strip() or len(value) > longest:
            raise wrong(f"must have 1 to {longest} characters")
        if _NOT_SHOWN.search(value):
            raise wrong("holds characters that cannot be shown")
        return value

    return read


def checked(check: Callable[[str], object]) -> Reader:
    """A text that `check` accepts; its ValueError is the rule that is told."""
    read_text = text(2000)

    def read(value: Any) -> str:
        found: str = read_text(value)
        try:
            check(found)
        except ValueError as error:
            raise wrong(str(error)) from error
        return found

    return read


def matching(pattern: str, rule: str) -> Reader:
    """A text that is `pattern` from end to end; else `rule`."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            raise wrong(rule)
        return value

    return read


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong("must be true or false")
    return value


def whole(least: int, most: int) -> Reader:
    """A whole number between the two, both allowed."""

    def read(value: Any) -> int:
        if type(value) is not int:
            raise wrong("must be a whole number")
        if not least <= value <= most:
            raise wrong(f"must be {least} to {most}")
        return value

    return read


instant: Final = whole(0, _LATEST)
"""Epoch seconds."""


def choice(*names: str) -> Reader:
    """One of these texts."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            hint = nearest(value, names) if isinstance(value, str) else ""
            raise wrong(f"must be one of {', '.join(names)}{hint}")
        return value

    return read


def list_of(read_item: Reader, most: int = _SEVERAL) -> Reader:
    """A list of at most `most` different values, as a tuple."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong("must be a list")
        if len(value) > most:
            raise wrong(f"must have at most {most} items")
        items: list[Any] = []
        mistakes: list[tuple[str, str]] = []
        for index, one in enumerate(value):
            try:
                item = read_item(one)
            except Wrong as error:
                mistakes += [(f"[{index}]{place}", rule) for place, rule in error.mistakes]
                continue
            if item in items:
                mistakes.append((f"[{index}]", "is there twice"))
            items.append(item)
        if mistakes:
            raise Wrong(*mistakes)
        return tuple(items)

    return read


def read_fields(value: Any, readers: Mapping[str, Reader], required: Collection[str] = ()) -> dict[str, Any]:
    """The fields that a JSON object names. `null` stays None: it stands for the field's default. Raises `Wrong`."""
    if not isinstance(value, dict):
        raise wrong("must be an object")
    read: dict[str, Any] = {}
    mistakes: list[tuple[str, str]] = []
    for name, one in value.items():
        reader = readers.get(name)
        if reader is None:
            mistakes.append((f".{name[:100]}", f"unknown field{nearest(name, readers)}"))
            continue
        try:
            read[name] = None if one is None else reader(one)
        except Wrong as error:
            mistakes += [(f".{name}{place}", rule) for place, rule in error.mistakes]
    mistakes += [(f".{name}", "is required") for name in required if value.get(name) is None]
    if mistakes:
        raise Wrong(*mistakes)
    return read


def read_items(document: Any, name: str) -> list[Any]:
    """The list in `{"clients": [ … ]}`, name by name alike. Raises `Refused`."""
    try:
        found = read_fields(document, {name: _a_list}, required=(name,))
    except Wrong as error:
        raise Refused(refused("", error)) from error
    items: list[Any] = found[name]
    return items


def read_json(source: str | bytes) -> Any:
    """The JSON value of a text. A member that is there twice is refused, not overruled. Raises `Refused`."""
    try:
        return json.loads(source, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Refused(["the document is not UTF-8"]) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused([f"the document is not JSON: {error.msg} at {where}"]) from error
    except RecursionError as error:
        raise Refused(["the document is nested too deeply"]) from error
    except ValueError as error:
        raise Refused([f"the document is not JSON: {error}"]) from error


def _a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise wrong("must be a list")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the member {name[:100]} is there twice in one object")
        members[name] = value
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
