"""`_include` and `_revinclude`: the resources beside the matches.

Source: https://hl7.org/fhir/R4/search.html#include. `*` stands for every reference parameter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assent.demo.store.errors import BadRequest
from assent.demo.store.resources import Resources, Version
from assent.demo.store.search.criteria import find_parameter
from assent.demo.store.search.parameters import Parameter, search_parameters
from assent.demo.store.search.references import reference_keys

_WILDCARD = "*"


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` (forward) or `_revinclude` (backward). `source_type` and `target_type` may be empty: any."""

    direction: Literal["forward", "backward"]
    source_type: str
    name: str
    target_type: str
    is_iterated: bool

    def parameters(self, source_type: str) -> Iterator[Parameter]:
        """The reference parameters of a source type that it follows."""
        if self.source_type not in ("", source_type):
            return
        for parameter in search_parameters()[source_type].values():
            if parameter.kind == "reference" and self.name in (parameter.name, _WILDCARD):
                yield parameter


def read_include(name: str, text: str, *, is_iterated: bool) -> Include:
    """Read `Type:parameter[:TargetType]`, `Type:*` or `*`; raises BadRequest and UnknownParameter."""
    source_type, _, rest = text.partition(":")
    parameter_name, _, target_type = rest.partition(":")
    if text == _WILDCARD:
        source_type, parameter_name = "", _WILDCARD
    elif source_type not in search_parameters() or not parameter_name:
        raise BadRequest(f"{name} is written Type:parameter or Type:parameter:TargetType.")
    elif parameter_name != _WILDCARD and find_parameter(source_type, parameter_name).kind != "reference":
        raise BadRequest(f"{name} needs a reference, and {parameter_name} is none.")
    direction: Literal["forward", "backward"] = "forward" if name == "_include" else "backward"
    return Include(direction, source_type, parameter_name, target_type, is_iterated)


def collect_included(
    resources: Resources, matches: Iterable[Version], includes: tuple[Include, ...]
) -> tuple[Version, ...]:
    """Everything that the includes add to the matches of a page, once each, in the order in which it was met."""
    seen = {version.key for version in matches}
    found: list[Version] = []
    frontier, followed = list(matches), includes
    while frontier and followed:
        fresh: dict[str, Version] = {}
        for version in frontier:
            for neighbour in _neighbours(resources, version, followed):
                if neighbour.key not in seen:
                    fresh.setdefault(neighbour.key, neighbour)
        seen |= fresh.keys()
        frontier = list(fresh.values())
        found += frontier
        followed = tuple(include for include in includes if include.is_iterated)
    return tuple(found)


def _neighbours(resources: Resources, version: Version, includes: tuple[Include, ...]) -> Iterator[Version]:
    for include in includes:
        if include.direction == "forward":
            yield from _pointed_to(resources, version, include)
        elif include.target_type in ("", version.resource_type):
            yield from _pointing(resources, version, include)


def _pointed_to(resources: Resources, version: Version, include: Include) -> Iterator[Version]:
    resource = version.resource()
    for parameter in include.parameters(version.resource_type):
        for key in reference_keys(resources, parameter, resource):
            target_type, _, target_id = key.partition("/")
            target = resources.get(target_type, target_id)
            if target and include.target_type in ("", target_type):
                yield target


def _pointing(resources: Resources, version: Version, include: Include) -> Iterator[Version]:
    types = [include.source_type] if include.source_type else list(resources.referring_types(version.key))
    for source_type in types:
        sources = [
            resources.live(source_type)[each] for each in resources.referring(source_type, [version.key])
        ]
        parameters = list(include.parameters(source_type))
        for source in sorted(sources, key=lambda each: each.created):
            resource = source.resource()
            if any(version.key in reference_keys(resources, each, resource) for each in parameters):
                yield source
