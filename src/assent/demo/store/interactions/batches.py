"""batch and transaction: many interactions in one request.

Source: https://hl7.org/fhir/R4/http.html#transaction: a batch's entries stand alone; a transaction's happen all or not
at all, deletions first, then creations, then updates, then reads; references between its entries are resolved.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from assent.demo.store.context import Context, check_type
from assent.demo.store.errors import BadRequest, PreconditionFailed, StoreError
from assent.demo.store.interactions.searching import find_all
from assent.demo.store.messages import FHIR_JSON, StoreRequest, StoreResponse, read_query, refuse, respond
from assent.demo.store.wire import Json, encode

Execute = Callable[[StoreRequest, str], StoreResponse]
"""Carry out one entry's request; the second argument is the id promised to a creation, or empty. Raises StoreError."""

ReadUrl = Callable[[str, str], StoreRequest]
"""A request from a method and a URL, relative to the FHIR base or absolute. Raises StoreError."""

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")
_HEADERS = {
    "ifMatch": "if-match",
    "ifNoneMatch": "if-none-match",
    "ifModifiedSince": "if-modified-since",
    "ifNoneExist": "if-none-exist",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place in the Bundle, what it asks for, and its resource if it carries one."""

    place: int
    full_url: str
    request: StoreRequest
    resource: Json | None


def run_bundle(context: Context, request: StoreRequest, read_url: ReadUrl, execute: Execute) -> StoreResponse:
    """Carry out a Bundle of type batch or transaction."""
    bundle = request.resource()
    entries = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise BadRequest("The body is not a Bundle.")
    match bundle.get("type"):
        case "batch":
            answers = [_run_alone(place, entry, read_url, execute) for place, entry in enumerate(entries)]
            return respond(200, _response_bundle("batch-response", answers))
        case "transaction":
            return _run_together(context, entries, read_url, execute)
    raise BadRequest("The Bundle's type is not batch or transaction.")


def _run_alone(place: int, entry: object, read_url: ReadUrl, execute: Execute) -> Json:
    try:
        read = _read_entry(place, entry, read_url)
        return _answer(execute(_with_body(read.request, read.resource), ""))
    except StoreError as error:
        return _answer(refuse(error))


def _run_together(
    context: Context, raw_entries: list[object], read_url: ReadUrl, execute: Execute
) -> StoreResponse:
    start = len(context.resources.log)
    answers: dict[int, Json] = {}
    try:
        entries = [_read_entry(place, entry, read_url) for place, entry in enumerate(raw_entries)]
        promised = _promise_ids(context, entries)
        names = _names(context, entries, promised)
        for entry in sorted(entries, key=lambda each: _ORDER[each.request.method]):
            resource = _resolve(context, entry.resource, names) if entry.resource else None
            answers[entry.place] = _execute_entry(entry, resource, promised.get(entry.place, ""), execute)
    except Exception:
        context.resources.undo_to(start)
        raise
    return respond(200, _response_bundle("transaction-response", [answers[each] for each in sorted(answers)]))


def _execute_entry(entry: Entry, resource: Json | None, promised_id: str, execute: Execute) -> Json:
    try:
        return _answer(execute(_with_body(entry.request, resource), promised_id))
    except StoreError as error:
        error.args = (f"Entry {entry.place}: {error}", *error.args[1:])
        raise


def _read_entry(place: int, entry: object, read_url: ReadUrl) -> Entry:
    match entry:
        case {"request": {"method": str(method), "url": str(url), **rest}, **others} if method in _ORDER:
            asked = read_url(method, url)
        case _:
            raise BadRequest(f"Entry {place} has no request with a method and a URL.")
    headers = {_HEADERS[name]: str(value) for name, value in rest.items() if name in _HEADERS}
    resource = others.get("resource")
    if resource is not None and not isinstance(resource, dict):
        raise BadRequest(f"The resource of entry {place} is not an object.")
    return Entry(
        place,
        str(others.get("fullUrl", "")),
        StoreRequest(asked.method, asked.segments, asked.query, headers),
        resource,
    )


def _promise_ids(context: Context, entries: list[Entry]) -> dict[int, str]:
    """Place -> the id of the resource that the entry creates; one that exists already keeps its id."""
    promised: dict[int, str] = {}
    for entry in entries:
        if entry.request.method != "POST" or len(entry.request.segments) != 1:
            continue
        condition = entry.request.headers.get("if-none-exist")
        existing = find_all(context, _known_type(entry), read_query(condition)) if condition else []
        promised[entry.place] = existing[0].id if len(existing) == 1 else context.new_id()
    return promised


def _known_type(entry: Entry) -> str:
    check_type(entry.request.segments[0])
    return entry.request.segments[0]


def _names(context: Context, entries: list[Entry], promised: dict[int, str]) -> dict[str, str]:
    """What references inside the transaction may call a resource -> its relative reference."""
    names: dict[str, str] = {}
    for entry in entries:
        key = entry.request.path
        if entry.place in promised:
            key = f"{key}/{promised[entry.place]}"
        if entry.full_url and entry.request.method in ("POST", "PUT"):
            names[entry.full_url] = key
            names[entry.full_url.removeprefix(f"{context.base_url}/")] = key
    return names


def _resolve(context: Context, value: Any, names: dict[str, str]) -> Any:
    """The value with the references in it, urn:uuid ones and conditional ones, replaced by what they mean."""
    if isinstance(value, list):
        return [_resolve(context, item, names) for item in value]
    if not isinstance(value, dict):
        return value
    resolved = {name: _resolve(context, item, names) for name, item in value.items()}
    reference = resolved.get("reference")
    if isinstance(reference, str):
        resolved["reference"] = names.get(reference) or _find(context, reference)
    return resolved


def _find(context: Context, reference: str) -> str:
    match = _CONDITIONAL.fullmatch(reference)
    if match is None:
        return reference
    check_type(match[1])
    found = find_all(context, match[1], read_query(match[2]))
    if len(found) != 1:
        raise PreconditionFailed(f"The reference {reference} meets {len(found)} resources, not one.")
    return found[0].key


def _with_body(request: StoreRequest, resource: Json | None) -> StoreRequest:
    if resource is None:
        return request
    headers = {**request.headers, "content-type": FHIR_JSON}
    return StoreRequest(request.method, request.segments, request.query, headers, encode(resource))


def _answer(response: StoreResponse) -> Json:
    names = {"Location": "location", "ETag": "etag"}
    told: Json = {"status": str(response.status)}
    told.update((names[name], value) for name, value in response.headers.items() if name in names)
    if not response.body:
        return {"response": told}
    if response.status >= 400:
        return {"response": {**told, "outcome": msgspec.Raw(response.body)}}
    return {"resource": msgspec.Raw(response.body), "response": told}


def _response_bundle(kind: str, answers: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": answers}
