"""Reading an HTTP request as a FHIR interaction.

Owns method, path and parameters -> `FhirRequest`, a value from which the path is written anew: nothing of the raw
path is passed on. Paths with percent signs, empty or dot segments and odd ids are refused, so that no server
behind can read them otherwise than we do. Whether the interaction is allowed is `decide`'s.

Sources: FHIR R4 RESTful API 3.1.0 (interactions), Search 3.1.1.2 (GET and POST); SMART App Launch 2.2,
scopes-and-launch-context (letter of each interaction).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import parse_qsl

from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.spec.fhir.rights import Letter
from assent.spec.resource_types import RESOURCE_TYPES

Interaction = Literal[
    "capabilities",
    "smart_configuration",
    "read",
    "vread",
    "history_instance",
    "history_type",
    "history_system",
    "search_type",
    "search_system",
    "search_compartment",
    "create",
    "update",
    "patch",
    "delete",
    "delete_cascading",
    "rewrite_history",
    "conditional",
    "batch",
    "operation",
    "bulk_status",
    "bulk_cancel",
    "bulk_file",
]

LETTERS: Final[dict[Interaction, Letter]] = {
    "create": "c",
    "read": "r",
    "vread": "r",
    "history_instance": "r",
    "update": "u",
    "patch": "u",
    "rewrite_history": "u",
    "delete": "d",
    "delete_cascading": "d",
    "search_type": "s",
    "search_system": "s",
    "history_type": "s",
    "history_system": "s",
}
"""The letter of a scope that each interaction needs (SMART App Launch 2.2); the others have no letter of theirs."""

PUBLIC: Final = frozenset({"capabilities", "smart_configuration"})
"""What is answered to anyone, without a token."""

BULK: Final = frozenset({"bulk_status", "bulk_cancel", "bulk_file"})
"""What is asked for by the links that an export or import was answered with; the links say what it is."""

BULK_STATUS: Final = "$export-poll-status"
BULK_FILE: Final = "$export-file"

Parameters = tuple[tuple[str, str], ...]

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._$*-]{1,128}")
_ID: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}")
_OPERATION: Final = re.compile(r"\$[A-Za-z][A-Za-z0-9._-]{0,99}")
_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BY_LOWER_CASE: Final = {name.lower(): name for name in RESOURCE_TYPES}
_CONDITIONS: Final = frozenset({"if-none-exist"})
_SIDE_WRITES: Final = frozenset({"x-provenance"})


@dataclass(frozen=True, slots=True)
class FhirRequest:
    """A request to a FHIR server, understood. Made by `read_request`."""

    interaction: Interaction
    resource_type: str | None = None
    id: str | None = None
    version: str | None = None
    parameters: Parameters = ()
    """Query and, for `_search`, form parameters: names and decoded values in their order."""
    owner: str | None = None
    """The patient in whose compartment a search_type asks (`Patient/1/Observation`)."""
    operation: str | None = None
    """The name of an operation, as `$everything`."""
    is_posted: bool = False
    """Whether an operation is asked for by POST, and so may change something."""

    @property
    def path(self) -> str:
        """The path below the FHIR base, for the interactions that are ever passed on."""
        match self.interaction:
            case "capabilities":
                return "metadata"
            case "vread" | "rewrite_history":
                return f"{self.resource_type}/{self.id}/_history/{self.version}"
            case "history_instance":
                return f"{self.resource_type}/{self.id}/_history"
            case "history_type":
                return f"{self.resource_type}/_history"
            case "read" | "update" | "delete" | "delete_cascading" | "patch":
                return f"{self.resource_type}/{self.id}"
            case "operation":
                return "/".join(part for part in (self.resource_type, self.id, self.operation) if part)
            case _:
                return self.resource_type or ""


def read_request(
    method: str, path: str, query: str = "", form: str = "", headers: Mapping[str, str] | None = None
) -> FhirRequest:
    """The interaction that a request asks for.

    `path` is as it was sent, not decoded, relative to the FHIR base; `query` without `?`; `form` the body of a
    `_search`; `headers` with names in lower case. Raises Refused (400, 403, 404 or 405).
    """
    _check_headers(headers or {})
    segments = _read_segments(path)
    parameters = _read_parameters(query)
    if segments[-1:] == ["_search"]:
        if method != "POST":
            raise _wrong_method("POST")
        return _read_search(segments[:-1], parameters + _read_parameters(form))
    return _widened(_read_interaction(method, segments, parameters), parameters, headers or {})


def _check_headers(headers: Mapping[str, str]) -> None:
    if not _CONDITIONS.isdisjoint(headers):
        raise _conditional()
    if not _SIDE_WRITES.isdisjoint(headers):
        rule = "X-Provenance is not supported here"
        raise Refused(Refuse(403, "not-supported", rule, f"{rule}: create the Provenance by its own request"))


def _widened(asked: FhirRequest, parameters: Parameters, headers: Mapping[str, str]) -> FhirRequest:
    """The request with what widens a single write; what is not understood is not left out in silence."""
    if "x-rewrite-history" in headers:
        if asked.interaction != "rewrite_history" or headers["x-rewrite-history"].strip() != "true":
            raise malformed("X-Rewrite-History is true, with PUT and the path of a version")
    elif asked.interaction == "rewrite_history":
        raise _wrong_method("GET, and PUT with the header X-Rewrite-History: true")
    if asked.interaction != "delete":
        return asked
    named = {name.lower(): value for name, value in parameters}
    if not named.keys().isdisjoint(("_expunge", "_maxrounds")):
        raise malformed(
            "A deletion takes neither _expunge ($expunge and $delete-expunge do that) nor _maxRounds"
        )
    wishes = [value for name, value in parameters if name.lower() == "_cascade"]
    wishes += [headers["x-cascade"].strip()] if "x-cascade" in headers else []
    if any(wish not in ("delete", "none") for wish in wishes):
        raise malformed("_cascade of a deletion, or X-Cascade, is delete or none")
    return replace(asked, interaction="delete_cascading") if "delete" in wishes else asked


def _conditional() -> Refused:
    rule = "Conditional create, update, patch and delete are not supported here"
    change = "search first, then write by id; a condition would tell of records outside the rights"
    return Refused(Refuse(403, "not-supported", rule, f"{rule}: {change}"))


def _wrong_method(allowed: str) -> Refused:
    rule = f"This path answers {allowed}"
    return Refused(Refuse(405, "not-supported", rule, rule))


def _read_segments(path: str) -> list[str]:
    text = path.removeprefix("/").removesuffix("/")
    if not text:
        return []
    segments = text.split("/")
    if segments == [".well-known", "smart-configuration"]:
        return segments
    for segment in segments:
        if _SEGMENT.fullmatch(segment) is None or segment.strip(".") == "":
            raise malformed(
                "A FHIR path is made of types, ids and names, none empty, encoded or made of dots"
            )
    return segments


def _read_parameters(text: str) -> Parameters:
    if _BAD_PERCENT.search(text):
        raise malformed("In a query, a percent sign is followed by two hexadecimal digits")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except UnicodeDecodeError as error:
        raise malformed("A query is UTF-8") from error
    except ValueError as error:
        raise malformed("A query holds at most 200 parameters") from error
    if any(_UNREADABLE.search(name) or _UNREADABLE.search(value) for name, value in pairs):
        raise malformed("A query holds no control characters")
    return tuple(pairs)


def _read_search(segments: list[str], parameters: Parameters) -> FhirRequest:
    match segments:
        case []:
            return FhirRequest("search_system")
        case [resource_type]:
            return FhirRequest("search_type", _known(resource_type), parameters=parameters)
        case [owner_type, id_, resource_type]:
            return _in_compartment(owner_type, id_, resource_type, parameters)
        case _:
            raise _no_such_path()


def _read_interaction(method: str, segments: list[str], parameters: Parameters) -> FhirRequest:
    if segments == [BULK_STATUS]:
        asked = {"GET": FhirRequest("bulk_status"), "DELETE": FhirRequest("bulk_cancel")}
        return _by_method(method, asked)
    if segments == [BULK_FILE]:
        return _only(method, "GET", FhirRequest("bulk_file"))
    if segments and segments[-1].startswith("$"):
        return _read_operation(method, segments[:-1], segments[-1], parameters)
    match segments:
        case ["metadata"]:
            return _only(method, "GET", FhirRequest("capabilities"))
        case [".well-known", "smart-configuration"]:
            return _only(method, "GET", FhirRequest("smart_configuration"))
        case []:
            return _by_method(method, {"GET": FhirRequest("search_system"), "POST": FhirRequest("batch")})
        case ["_history"]:
            return _only(method, "GET", FhirRequest("history_system"))
        case [resource_type]:
            return _at_type(method, _known(resource_type), parameters)
        case [resource_type, "_history"]:
            request = FhirRequest("history_type", _known(resource_type), parameters=parameters)
            return _only(method, "GET", request)
        case [resource_type, id_]:
            return _at_instance(method, _known(resource_type), _id(id_), parameters)
        case [resource_type, id_, "_history"]:
            request = FhirRequest("history_instance", _known(resource_type), _id(id_), parameters=parameters)
            return _only(method, "GET", request)
        case [resource_type, id_, "_history", version]:
            request = FhirRequest("vread", _known(resource_type), _id(id_), _id(version), parameters)
            rewritten = replace(request, interaction="rewrite_history", parameters=())
            return _by_method(method, {"GET": request, "PUT": rewritten})
        case [owner_type, id_, resource_type]:
            return _only(method, "GET", _in_compartment(owner_type, id_, resource_type, parameters))
        case _:
            raise _no_such_path()


def _read_operation(method: str, segments: list[str], name: str, parameters: Parameters) -> FhirRequest:
    """At the server, a type or an instance (FHIR R4 operations.html)."""
    if _OPERATION.fullmatch(name) is None or len(segments) > 2:
        raise _no_such_path()
    resource_type = _known(segments[0]) if segments else None
    id_ = _id(segments[1]) if len(segments) == 2 else None
    asked = FhirRequest("operation", resource_type, id_, parameters=parameters, operation=name)
    return _by_method(method, {"GET": asked, "POST": replace(asked, is_posted=True)})


def _at_type(method: str, resource_type: str, parameters: Parameters) -> FhirRequest:
    if method in ("PUT", "PATCH", "DELETE"):
        raise _conditional()
    search = FhirRequest("search_type", resource_type, parameters=parameters)
    return _by_method(method, {"GET": search, "POST": FhirRequest("create", resource_type)})


def _at_instance(method: str, resource_type: str, id_: str, parameters: Parameters) -> FhirRequest:
    return _by_method(
        method,
        {
            "GET": FhirRequest("read", resource_type, id_, parameters=parameters),
            "PUT": FhirRequest("update", resource_type, id_),
            "PATCH": FhirRequest("patch", resource_type, id_),
            "DELETE": FhirRequest("delete", resource_type, id_),
        },
    )


def _in_compartment(owner_type: str, id_: str, resource_type: str, parameters: Parameters) -> FhirRequest:
    """`Patient/1/Observation` is a search of Observation; other compartments, and all types at once, are not read."""
    if _known(owner_type) != "Patient" or resource_type == "*":
        return FhirRequest("search_compartment")
    return FhirRequest("search_type", _known(resource_type), parameters=parameters, owner=_id(id_))


def _only(method: str, allowed: str, request: FhirRequest) -> FhirRequest:
    return _by_method(method, {allowed: request})


def _by_method(method: str, requests: Mapping[str, FhirRequest]) -> FhirRequest:
    if method not in requests:
        raise _wrong_method(", ".join(requests))
    return requests[method]


def _known(resource_type: str) -> str:
    if resource_type not in RESOURCE_TYPES:
        near = _BY_LOWER_CASE.get(resource_type.lower())
        rule = "There is no such resource type in FHIR R4" + (f"; did you mean {near}?" if near else "")
        raise Refused(Refuse(404, "not-supported", rule, rule))
    return resource_type


def _id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise malformed("An id is 1 to 64 letters, digits, dots and hyphens")
    return text


def _no_such_path() -> Refused:
    rule = "No FHIR interaction has this path"
    return Refused(Refuse(404, "not-found", rule, rule))
