"""Which search parameters a resource type has, what they look at and where their references may point.

Owns finding a parameter in the facts; what a search may ask is `fhir.search`'s, what a value matches
`fhir.matching`'s. Scopes stand on it too: a constraint is on a parameter that can be decided.

Sources: FHIR R4 search parameter registry (`facts_…`), Search 3.1.1.4 (parameters for all resources); US Core
8 (the few parameters it adds).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast

from assent.spec import facts_a_to_d, facts_e_to_m, facts_n_to_z
from assent.spec.resource_types import RESOURCE_TYPES

Kind = Literal["token", "reference", "string", "date", "uri", "quantity", "number", "composite", "special"]

_DECIDED: Final = frozenset({"token", "reference", "string", "uri"})

_COMMON: Final = """
_id token id; _lastUpdated date meta.lastUpdated; _profile uri meta.profile*; _security token meta.security*;
_source uri meta.source; _tag token meta.tag*; _text string; _content string
"""

_US_CORE: Final = """\
CareTeam: role token participant*.role*
Condition: asserted-date date
Encounter: discharge-disposition token hospitalization.dischargeDisposition
Goal: description string description.text
Patient: ethnicity token; gender-identity token; race token
"""


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """A search parameter of one resource type."""

    name: str
    kind: Kind
    paths: tuple[str, ...]
    """Element paths (see `elements`); none where the parameter cannot be decided from the resource alone."""
    targets: frozenset[str] = frozenset()
    """The types that a reference may point to."""

    @property
    def is_single(self) -> bool:
        """Whether a resource has at most one value for it."""
        return len(self.paths) == 1 and "*" not in self.paths[0]

    @property
    def is_decidable(self) -> bool:
        """Whether a resource's content alone says here what a value matches (`matching`)."""
        return self.kind in _DECIDED and bool(self.paths)


def find(resource_type: str, name: str) -> SearchParameter | None:
    """The parameter `name` of `resource_type`, common parameters included, or None."""
    return parameters_of(resource_type).get(name)


def parameters_of(resource_type: str) -> dict[str, SearchParameter]:
    """Name -> parameter, of an R4 resource type; none for an unknown type."""
    return _table().get(resource_type, {})


def undecidable_names(resource_type: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` by which resources of the type cannot be held to a scope; none: all of them can.

    `resource_type` `*`: any type that can be held to all of them is enough.
    """
    types = {name: _types_by_decidable().get(name, frozenset()) for name in names}
    if resource_type != "*":
        return tuple(name for name in types if resource_type not in types[name])
    if not types or frozenset.intersection(*types.values()):
        return ()
    return tuple(name for name in types if not types[name]) or tuple(types)


@cache
def _types_by_decidable() -> dict[str, frozenset[str]]:
    """Name -> the types whose resources can be decided by a parameter of this name."""
    found: dict[str, set[str]] = {}
    for resource_type, parameters in _table().items():
        for name, parameter in parameters.items():
            if parameter.is_decidable:
                found.setdefault(name, set()).add(resource_type)
    return {name: frozenset(types) for name, types in found.items()}


@cache
def _table() -> dict[str, dict[str, SearchParameter]]:
    common = _read_parameters(_COMMON)
    table = {resource_type: dict(common) for resource_type in RESOURCE_TYPES}
    facts = (facts_a_to_d.PARAMETERS, facts_e_to_m.PARAMETERS, facts_n_to_z.PARAMETERS, _US_CORE)
    for paragraph in (paragraph for text in facts for paragraph in re.split(r"\n(?! )", text)):
        resource_type, colon, entries = paragraph.partition(":")
        if colon:
            table[resource_type].update(_read_parameters(entries))
    return table


def _read_parameters(entries: str) -> dict[str, SearchParameter]:
    parameters = (_read_parameter(entry.split()) for entry in entries.split(";") if entry.strip())
    return {parameter.name: parameter for parameter in parameters}


def _read_parameter(words: list[str]) -> SearchParameter:
    name, kind, *rest = words
    paths = tuple(rest[0].split(",")) if rest and rest[0] != "-" else ()
    targets = RESOURCE_TYPES if rest[1:] == ["*"] else frozenset(rest[1:])
    return SearchParameter(name, cast("Kind", kind), paths, targets)
