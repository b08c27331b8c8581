"""What of each resource an app asked to see: `_elements` and `_summary`, and in which format.

Owns carrying those out on resources that were checked whole. `_summary=true` and `text` show the whole resource,
as a server may choose to.

Sources: FHIR R4 Search 3.1.1.5.9 (`_summary`), 3.1.1.5.10 (`_elements`); RESTful API 3.1.0.1.11 (`_format`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assent.spec.fhir.refusals import Refuse, Refused, malformed

_ELEMENT: Final = re.compile(r"[a-z][A-Za-z]*")
_ALWAYS: Final = frozenset({"resourceType", "id", "meta"})
_SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_FORMATS: Final = frozenset({"", "json", "application/json", "application/fhir+json", "text/json"})
_SUMMARIES: Final = frozenset({"true", "text", "data", "count", "false"})


@dataclass(frozen=True, slots=True)
class View:
    """Which elements to show; none named: all."""

    elements: tuple[str, ...] = ()
    without_text: bool = False


WHOLE: Final = View()


def read_view(parameters: tuple[tuple[str, str], ...]) -> View:
    """The view that a request's parameters ask for. Raises Refused (400 or 406)."""
    elements: list[str] = []
    without_text = False
    for name, value in parameters:
        if name == "_elements":
            elements += _read_elements(value)
        elif name == "_summary":
            if value not in _SUMMARIES:
                raise malformed("_summary is true, text, data, count or false")
            without_text = without_text or value == "data"
        elif name == "_format" and value.split(";")[0].strip().replace(" ", "+") not in _FORMATS:
            rule = "Answers are in JSON"
            raise Refused(Refuse(406, "not-supported", rule, rule))
    return View(tuple(elements), without_text)


def show(resource: Mapping[str, Any], view: View) -> dict[str, Any]:
    """`resource` as `view` shows it, marked SUBSETTED where elements were left out."""
    if view == WHOLE:
        return dict(resource)
    shown = {
        name: value
        for name, value in resource.items()
        if not (view.without_text and name == "text") and _is_asked(name.removeprefix("_"), view.elements)
    }
    meta = resource.get("meta")
    known = dict(meta) if isinstance(meta, Mapping) else {}
    tags = known.get("tag")
    return shown | {"meta": known | {"tag": [*(tags if isinstance(tags, list) else ()), _SUBSETTED]}}


def _read_elements(value: str) -> list[str]:
    elements = [text.strip() for text in value.split(",")]
    if not all(_ELEMENT.fullmatch(text) for text in elements):
        raise malformed("_elements names elements of the resource, divided by commas")
    return elements


def _is_asked(name: str, elements: tuple[str, ...]) -> bool:
    """Whether element `name` was asked for, by its name or by that of its choice (`value` for `valueQuantity`)."""
    if not elements or name in _ALWAYS or name in elements:
        return True
    return any(name.startswith(element) and name[len(element)].isupper() for element in elements)
