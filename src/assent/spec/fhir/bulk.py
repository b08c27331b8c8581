"""The decision on bulk data: which resource types an export may hold, and who may import.

Owns the kick-off. An export is written by the FHIR server, into files: what it holds is decided by type, before it
begins, and the files are checked by it again (`is_shown`). An access to everything exports everything; any other
names types (`_type`), or gets those, of which all is within the rights to read and search.

Sources: Bulk Data Access 2.0, kick-off request and complete status; HAPI FHIR's `$import`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.answers import plain_outcome
from assent.spec.fhir.calling import ALL_LETTERS, READING_LETTERS, check_unlimited, limited
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import forbidden, malformed
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import EXPORT
from assent.spec.resource_types import RESOURCE_TYPES

_ANY_ACCESS: Final = ("_outputFormat", "_since", "_type", "_elements")
_WHOLE_ACCESS: Final = (
    *("_typeFilter", "patient", "includeAssociatedData", "organizeOutputBy", "allowPartialManifests"),
    "_until",
)
_FORMATS: Final = frozenset(
    {"application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"}
)
"""The second is the first, where somebody wrote its plus sign into a query as it is."""


def decide_export(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How an export may be begun by somebody whose permissions name it. Raises Refused."""
    visibility = Visibility(rights, bases)
    asked = _known(request.parameters)
    allow = Allow(request, "r", visibility, asked, exact=False, as_it_is=True)
    if all(rights.is_unlimited(letter) for letter in READING_LETTERS):
        return allow
    for name, _ in asked:
        if name in _WHOLE_ACCESS:
            raise forbidden(
                f"{name} of an export is for an access to everything",
                f"what it tells cannot be checked; system/*.rs with FHIR_ALL_READ would allow {name}",
            )
    if request.id is not None:
        # who is in a group is told by what is exported of it
        reaches_or_refusal(rights, request.resource_type or "", "r")
    types = ",".join(_types(rights, asked))
    narrowed = (*(pair for pair in asked if pair[0] != "_type"), ("_type", types))
    return replace(allow, parameters=narrowed, needs_current=request.id is not None, as_it_is=False)


def decide_import(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How an import may be begun by somebody whose permissions name it. Raises Refused."""
    if not request.is_posted or request.parameters:
        raise malformed("$import is posted, with Parameters as its body and none in the query")
    check_unlimited(rights, ALL_LETTERS, "An import")
    return Allow(request, "u", Visibility(rights, bases), exact=False, as_it_is=True)


def types_of(allow: Allow) -> tuple[str, ...] | None:
    """The types that the files of this export may hold; None: all."""
    if allow.as_it_is:
        return None
    return tuple(name for key, value in allow.parameters if key == "_type" for name in value.split(","))


def read_posted(request: FhirRequest, sent: Mapping[str, Any]) -> FhirRequest:
    """The request with the Parameters of a kick-off by POST as its own. Raises Refused (400)."""
    if sent.get("resourceType") != "Parameters" or request.parameters:
        raise malformed(f"{EXPORT} is posted with Parameters as its body and none in the query")
    listed = sent.get("parameter", [])
    if not isinstance(listed, list):
        raise malformed("Parameters hold a list")
    return replace(request, parameters=tuple(_posted(one) for one in listed))


def _posted(parameter: object) -> tuple[str, str]:
    named = parameter if isinstance(parameter, Mapping) else {}
    name, values = named.get("name"), [value for key, value in named.items() if key.startswith("value")]
    value = values[0] if len(values) == 1 and len(named) == 2 else None
    if isinstance(value, Mapping):
        value = value.get("reference")
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(name, str) or not isinstance(value, str):
        raise malformed("Each parameter of an export has a name and a value")
    return name, value


def as_parameters(parameters: Parameters) -> dict[str, Any]:
    """The Parameters of a kick-off by POST."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, **_typed(name, value)} for name, value in parameters],
    }


def _typed(name: str, value: str) -> dict[str, Any]:
    match name:
        case "patient":
            return {"valueReference": {"reference": value}}
        case "_since" | "_until":
            return {"valueInstant": value}
        case "allowPartialManifests":
            return {"valueBoolean": value == "true"}
        case _:
            return {"valueString": value}


def is_shown(resource: dict[str, Any], types: tuple[str, ...], visibility: Visibility) -> bool:
    """Whether a line of a file of resources may go to an access that reaches these types alone."""
    return resource.get("resourceType") in types and visibility.shows(resource)


def shown_error(resource: dict[str, Any]) -> dict[str, Any] | None:
    """What of a line of a file of errors may: an OperationOutcome without its words, which may speak of anybody."""
    return plain_outcome(resource) if resource.get("resourceType") == "OperationOutcome" else None


def shown_deletions(bundle: dict[str, Any], types: tuple[str, ...]) -> dict[str, Any] | None:
    """What of a line of a file that tells what was deleted may: the entries about these types."""
    entries = bundle.get("entry")
    kept = [
        {"request": {"method": "DELETE", "url": url}}
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and (url := _deleted(entry)) and url.partition("/")[0] in types
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": kept} if kept else None


def _deleted(entry: Mapping[str, Any]) -> str | None:
    request = entry.get("request")
    if not isinstance(request, Mapping) or request.get("method") != "DELETE":
        return None
    url = request.get("url")
    return url if isinstance(url, str) and url.count("/") == 1 else None


def _known(parameters: Parameters) -> Parameters:
    """The parameters, each of them one that exports have. Raises Refused (400)."""
    for name, value in parameters:
        if name not in _ANY_ACCESS + _WHOLE_ACCESS:
            raise malformed(f"An export takes {', '.join(_ANY_ACCESS + _WHOLE_ACCESS)}")
        if name == "_outputFormat" and value not in _FORMATS:
            raise malformed("_outputFormat of an export is application/fhir+ndjson")
        if name == "_type" and not all(one in RESOURCE_TYPES for one in value.split(",")):
            raise malformed("_type of an export names resource types of FHIR R4, with commas between")
    return tuple(
        (name, value.replace(" ", "+") if name == "_outputFormat" else value) for name, value in parameters
    )


def _types(rights: Rights, asked: Parameters) -> tuple[str, ...]:
    """The types to export: those that are asked for, else all of which everything is within the rights."""
    wanted = tuple(dict.fromkeys(name for key, value in asked if key == "_type" for name in value.split(",")))
    for name in wanted:
        for letter in READING_LETTERS:
            reaches_or_refusal(rights, name, letter)
            if not rights.is_whole(name, letter):
                raise limited(name, letter)
    whole = wanted or tuple(
        name
        for name in sorted(RESOURCE_TYPES)
        if all(rights.is_whole(name, letter) for letter in READING_LETTERS)
    )
    if not whole:
        raise forbidden(
            "An export is for an access to all of at least one resource type",
            "system/Observation.rs, for one, with FHIR_READ_ALL_OF_TYPE and the argument Observation would allow it",
        )
    return whole
