"""Reference search: which stored resource, or which address elsewhere, an element points to.

Source: https://hl7.org/fhir/R4/search.html#reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assent.demo.store.errors import BadRequest
from assent.demo.store.resources import Resources, is_id
from assent.demo.store.search.parameters import Parameter, resource_elements
from assent.demo.store.search.values import unescape
from assent.demo.store.wire import Json


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reference search asks for: resources of this store (`Type/id`), or one address outside it."""

    keys: frozenset[str]
    address: str = ""


def read_wanted(resources: Resources, parameter: Parameter, text: str, type_modifier: str) -> Wanted:
    """Understand `id`, `Type/id`, an absolute URL, and `:Type` with an id; raises BadRequest."""
    value = unescape(text)
    if type_modifier:
        value = value if "/" in value else f"{type_modifier}/{value}"
    key = resources.local_key(value)
    if key:
        is_meant = not type_modifier or key.startswith(f"{type_modifier}/")
        return Wanted(frozenset({key} if is_meant else ()))
    if is_id(value):
        return Wanted(
            frozenset(f"{target}/{value}" for target in resource_elements() if parameter.allows(target))
        )
    if ":" not in value:
        raise BadRequest("A reference is written id, Type/id or as an absolute URL.")
    return Wanted(frozenset(), value)


def is_wanted(resources: Resources, parameter: Parameter, value: Any, wanted: Wanted) -> bool:
    """Whether one element value is the reference asked for, of a type that the parameter looks at."""
    key = reference_key(resources, parameter, value)
    return key in wanted.keys if key else bool(wanted.address) and reference_text(value) == wanted.address


def reference_key(resources: Resources, parameter: Parameter, value: Any) -> str | None:
    """`Type/id` of the stored resource that one element value points to, when the parameter looks at its type."""
    key = resources.local_key(reference_text(value))
    return key if key and parameter.allows(key.partition("/")[0]) else None


def reference_keys(resources: Resources, parameter: Parameter, resource: Json) -> Iterator[str]:
    """Every stored resource that the parameter's values in this resource point to."""
    for value in parameter.values(resource):
        key = reference_key(resources, parameter, value)
        if key:
            yield key


def reference_text(value: Any) -> str:
    """What a Reference, a canonical or a URI says; empty when it says nothing."""
    text = value.get("reference") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""
