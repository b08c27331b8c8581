"""Reading definitions out of JSON: strict, and every mistake at once, each by its path.

A reader takes a JSON value and gives the checked one, or raises `Wrong`, whose places are relative to that value; what
surrounds it puts its own place in front. Owns the shapes (texts, numbers, lists, objects); what a field means is the
business of its definition (`apps.definition`, `accounts.person_definition`), whole documents are `documents`'.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any, Final

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
    """`; did you mean redirect_uris?` where a known name is near (as to `redirectUris` and `uris`), else nothing.

    Upper and lower case make no difference.
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:100]).lower()
    written = {one.lower(): one for one in known}
    near = [snake] if snake in written else get_close_matches(snake, written, n=1, cutoff=0.7)
    near = near or sorted(one for one in written if len(snake) >= _SHORTEST_PART and snake in one)
    return f"; did you mean {written[near[0]]}?" if near else ""


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


def matching(pattern: str | re.Pattern[str], rule: str) -> Reader:
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


def without_shown(document: Any, names: Collection[str]) -> Any:
    """A definition as it is shown, without the members of these names, which only tell how things stand.

    Whoever brings them back changes nothing by them (RFC 7644 3.5.1: `readOnly` attributes are ignored).
    """
    if not isinstance(document, dict):
        return document
    return {name: value for name, value in document.items() if name not in names}


def object_of(
    read_name: Callable[[str], object], read_value: Reader, rule: str, most: int = _SEVERAL
) -> Reader:
    """What `read_value` gives, by names that pass `read_name`, in an object of at most `most` of them; else `rule`."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > most:
            raise wrong(rule)
        members: dict[str, Any] = {}
        mistakes: list[tuple[str, str]] = []
        for name, one in value.items():
            try:
                read_name(name)
                members[name] = read_value(one)
            except Wrong as error:
                mistakes += [(f".{name[:100]}{place}", broken) for place, broken in error.mistakes]
        if mistakes:
            raise Wrong(*mistakes)
        return members

    return read


def default_of(record: type[Any], name: str) -> Any:
    """What a record's field has when a definition does not say it; None where it has to be said."""
    [found] = (one for one in fields(record) if one.name == name)
    if found.default is not MISSING:
        return found.default
    return None if found.default_factory is MISSING else found.default_factory()
