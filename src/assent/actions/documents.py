"""Whole documents that somebody gives: JSON, the list in an import, a definition; told to them when they are wrong.

Owns how a mistake reaches the giver (`Refused`, each by its JSON path); the shapes of values are `definitions`'.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from assent.actions.definitions import Wrong, read_fields, refused, wrong
from assent.actions.refusals import Refused

_T = TypeVar("_T")


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


def read_items(document: Any, name: str) -> list[Any]:
    """The list in `{"clients": [ … ]}`, name by name alike. Raises `Refused`."""
    found = read_definition(lambda value: read_fields(value, {name: _a_list}, required=(name,)), document)
    items: list[Any] = found[name]
    return items


def read_definition(read: Callable[[Any], _T], document: Any, path: str = "") -> _T:
    """What `read` makes of a definition that lies at `path`. Raises `Refused` where that raises `Wrong`."""
    try:
        return read(document)
    except Wrong as error:
        raise Refused(refused(path, error)) from error


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
