"""Finding the values of an element path in a resource's JSON.

A path: element names divided by dots; `*` follows an element that repeats, `name[x]` finds any type of a choice,
`name[key=value]` keeps the items whose member `key` equals `value`. It is the notation of the `facts_…` modules.

Source: FHIR R4, JSON representation of resources (2.6.2).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

_STEP: Final = re.compile(r"(\w+)(\[x\])?\*?(?:\[(\w+)=([^\]]+)\])?")


def values_at(resource: Mapping[str, Any], path: str) -> Iterator[Any]:
    """The values that `path` finds in `resource`, lists opened; what has another shape than FHIR's is passed over."""
    found: Iterator[Any] = iter((resource,))
    for step in _steps(path):
        found = _advance(found, *step)
    return found


def _advance(found: Iterator[Any], name: str, choice: str, key: str, wanted: str) -> Iterator[Any]:
    for parent in found:
        if not isinstance(parent, Mapping):
            continue
        for value in _members(parent, name, choice):
            for item in value if isinstance(value, list) else (value,):
                if not key or (isinstance(item, Mapping) and item.get(key) == wanted):
                    yield item


def _members(parent: Mapping[str, Any], name: str, choice: str) -> Iterator[Any]:
    if not choice:
        if name in parent:
            yield parent[name]
        return
    for member, value in parent.items():
        if member.startswith(name) and member[len(name) : len(name) + 1].isupper():
            yield value


@cache
def _steps(path: str) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (match[1], match[2] or "", match[3] or "", match[4] or "")
        for match in (_STEP.fullmatch(step) for step in path.split("."))
        if match is not None
    )
