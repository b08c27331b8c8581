"""JSON Patch (RFC 6902) on one resource.

Source: RFC 6902 and RFC 6901 (pointers); https://hl7.org/fhir/R4/http.html#patch.
"""

import copy
from typing import Any

from assent.demo.store.errors import BadRequest, Unprocessable
from assent.demo.store.wire import Json


def apply_patch(resource: Json, operations: list[Json]) -> Json:
    """The resource after all operations, in order; raises Unprocessable when one cannot be applied, none is then."""
    root: dict[str, Any] = {"": copy.deepcopy(resource)}
    for operation in operations:
        try:
            _apply(root, operation)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Unprocessable("A patch operation names a place that is not there.") from error
    if not isinstance(root[""], dict):
        raise Unprocessable("A patch cannot replace the resource by something else.")
    return root[""]


def _apply(root: Json, operation: Json) -> None:
    path = _read_pointer(operation.get("path"))
    match operation:
        case {"op": "add", "value": value}:
            _add(root, path, value)
        case {"op": "remove"}:
            _take(root, path)
        case {"op": "replace", "value": value}:
            _take(root, path)
            _add(root, path, value)
        case {"op": "move", "from": source}:
            _add(root, path, _take(root, _read_pointer(source)))
        case {"op": "copy", "from": source}:
            _add(root, path, copy.deepcopy(_look(root, _read_pointer(source))))
        case {"op": "test", "value": value}:
            if _look(root, path) != value:
                raise Unprocessable("A patch test did not hold.")
        case _:
            raise BadRequest(
                "A patch operation is add, remove, replace, move, copy or test, with its members."
            )


def _read_pointer(text: object) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise BadRequest("A patch path is a JSON Pointer.")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")]


def _look(node: Any, path: list[str]) -> Any:
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def _add(root: Json, path: list[str], value: Any) -> None:
    parent, last = _look(root, path[:-1]), path[-1]
    if not isinstance(parent, list):
        parent[last] = value
        return
    place = len(parent) if last == "-" else int(last)
    if not 0 <= place <= len(parent):
        raise IndexError(place)
    parent.insert(place, value)


def _take(root: Json, path: list[str]) -> Any:
    parent, last = _look(root, path[:-1]), path[-1]
    return parent.pop(int(last) if isinstance(parent, list) else last)
