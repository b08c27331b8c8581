"""`_summary` and `_elements`: the part of a resource that an answer carries.

Source: https://hl7.org/fhir/R4/search.html#summary and #elements: a subset is marked with the tag SUBSETTED.
"""

from dataclasses import dataclass

import msgspec

from assent.demo.store.resources import Version
from assent.demo.store.search.parameters import resource_elements
from assent.demo.store.wire import Json, encode

_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_ALWAYS = frozenset({"resourceType", "id", "meta"})


@dataclass(frozen=True, slots=True)
class Shape:
    """`summary` is `_summary`'s value, `false` when whole; `elements` are `_elements`' names, empty when all."""

    summary: str = "false"
    elements: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether resources are given as they are."""
        return self.summary == "false" and not self.elements


def render(version: Version, shape: Shape) -> msgspec.Raw:
    """The version's JSON in that shape; a whole one is the stored bytes."""
    if shape.is_whole:
        return msgspec.Raw(version.raw or b"null")
    return msgspec.Raw(encode(_subset(version.resource(), shape)))


def _subset(resource: Json, shape: Shape) -> Json:
    facts = resource_elements()[resource["resourceType"]]
    if shape.elements:
        keep = _ALWAYS | facts.mandatory | shape.elements
    elif shape.summary == "text":
        keep = _ALWAYS | facts.mandatory | {"text"}
    elif shape.summary == "data":
        keep = frozenset(resource) - {"text"}  # "Remove the text element"
    else:
        keep = _ALWAYS | facts.summary
    meta = resource.get("meta", {})
    tags = meta.get("tag", [])
    tags = [*tags, _SUBSETTED] if isinstance(tags, list) else [_SUBSETTED]
    kept = {name: value for name, value in resource.items() if {name, facts.element(name)} & keep}
    return {**kept, "meta": {**meta, "tag": tags}}
