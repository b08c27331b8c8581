"""The store's front: one request in, one answer out.

Owns: reading the request and choosing the interaction. Leaves the interaction itself to `interactions`.
Source: https://hl7.org/fhir/R4/http.html#summary.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from assent.demo.store.context import Context, format_instant
from assent.demo.store.errors import BadRequest, NotAcceptable, NotAllowed, NotFound, StoreError
from assent.demo.store.interactions import batches, capability, reading, searching, writing
from assent.demo.store.messages import StoreRequest, StoreResponse, read_query, refuse
from assent.demo.store.resources import Resources
from assent.demo.store.wire import Json

_JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "text/json"})


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _random_id() -> str:
    return str(uuid.uuid4())


class FhirStore:
    """A FHIR R4 server as an object. Not for several threads at once; every call is short.

    `base_url`: the absolute URL under which clients reach it, for links and Location headers. `resources` are stored as
    they come, the same id again as the next version; their `meta.lastUpdated` is kept, what has none gets `now()`.
    """

    def __init__(
        self,
        resources: Iterable[Json] = (),
        *,
        base_url: str,
        now: Callable[[], datetime] = _utc_now,
        new_id: Callable[[], str] = _random_id,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        stored = Resources(self.base_url)
        self._context = Context(stored, self.base_url, now, new_id)
        for resource in resources:
            updated = resource.get("meta", {}).get("lastUpdated") or format_instant(now())
            stored.write(resource, method="PUT", updated=updated)

    def handle(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> StoreResponse:
        """Answer one request; every refusal is an OperationOutcome.

        `path` is percent-encoded and relative to the FHIR base (`Patient/amy`; a leading slash is ignored), `query` the
        part after the question mark. HEAD is answered like GET, without the body.
        """
        try:
            request = StoreRequest(
                method=method.upper(),
                segments=_read_path(path),
                query=read_query(query),
                headers={name.lower(): value for name, value in (headers or {}).items()},
                body=body,
            )
            _check_format(request)
            response = self._execute(request)
        except StoreError as error:
            response = refuse(error)
        except RecursionError:
            response = refuse(BadRequest("The body is nested too deeply."))
        if method.upper() == "HEAD":
            return StoreResponse(response.status, response.headers)
        return response

    def _execute(self, request: StoreRequest, promised_id: str = "") -> StoreResponse:
        method = "GET" if request.method == "HEAD" else request.method
        context, query = self._context, request.query
        match (method, *request.segments):
            case ("POST",):
                return batches.run_bundle(context, request, self._read_url, self._execute)
            case ("GET", "metadata"):
                return capability.capabilities(context)
            case ("GET", "_history"):
                return reading.history(context, request)
            case (_, "metadata" | "_history"):
                raise _no_such(request)
            case ("GET" | "POST", "Patient", "$everything"):
                return searching.everything(context, request)
            case ("GET" | "POST", "Patient", patient_id, "$everything"):
                return searching.everything(context, request, patient_id)
            case (_, *_, operation) if operation.startswith("$"):
                raise NotFound(f"There is no operation {operation} here.")
            case ("GET", resource_type):
                return searching.search(context, request, resource_type, query)
            case ("POST", resource_type, "_search"):
                return searching.search(context, request, resource_type, (*query, *request.form()))
            case ("GET", resource_type, "_history"):
                return reading.history(context, request, resource_type)
            case ("GET", resource_type, resource_id) if resource_id != "_search":
                return reading.read(context, request, resource_type, resource_id)
            case ("GET", resource_type, resource_id, "_history"):
                return reading.history(context, request, resource_type, resource_id)
            case ("GET", resource_type, resource_id, "_history", number):
                return reading.vread(context, resource_type, resource_id, number)
            case ("GET", "Patient", patient_id, resource_type):
                return searching.search_compartment(context, request, patient_id, resource_type, query)
            case ("POST", "Patient", patient_id, resource_type, "_search"):
                pairs = (*query, *request.form())
                return searching.search_compartment(context, request, patient_id, resource_type, pairs)
            case ("POST", resource_type):
                return writing.create(context, request, resource_type, promised_id)
            case ("PUT", resource_type, resource_id):
                return writing.update(context, request, resource_type, resource_id)
            case ("PATCH", resource_type, resource_id):
                return writing.patch(context, request, resource_type, resource_id)
            case ("DELETE", resource_type, resource_id):
                return writing.delete(context, request, resource_type, resource_id)
        raise _no_such(request)

    def _read_url(self, method: str, url: str) -> StoreRequest:
        """The request of a Bundle entry, its URL relative to the base or absolute."""
        if url.startswith(f"{self.base_url}/"):
            url = url.removeprefix(self.base_url)
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            raise BadRequest(f"The URL {url} is not one of this store.")
        return StoreRequest(method, _read_path(parts.path), read_query(parts.query))


def _read_path(path: str) -> tuple[str, ...]:
    text = path.strip("/")
    return tuple(map(unquote, text.split("/"))) if text else ()


def _no_such(request: StoreRequest) -> StoreError:
    """404, or 405 when another method would be answered."""
    read_only = ("GET", "HEAD")
    allowed: tuple[str, ...] = ()
    match request.segments:
        case ():
            allowed = ("POST",)
        case (_, *_, "_search"):
            allowed = ("POST",)
        case ("metadata",) | (*_, "_history") | (_, _, "_history", _) | ("Patient", _, _):
            allowed = read_only
        case (_,):
            allowed = (*read_only, "POST")
        case (_, _):
            allowed = (*read_only, "PUT", "PATCH", "DELETE")
    if not allowed:
        return NotFound("There is nothing at this path.")
    return NotAllowed(f"{request.method} is not done on this path.", allowed)


def _check_format(request: StoreRequest) -> None:
    """Raise NotAcceptable when the client wants something else than JSON; `_format` overrules Accept."""
    wanted = dict(request.query).get("_format")
    if wanted is not None:
        # a `+` that was not percent-encoded arrives as a space
        if wanted.replace(" ", "+").partition(";")[0] not in _JSON_FORMATS:
            raise NotAcceptable(f"The format {wanted} is not spoken here; JSON is.")
        return
    accept = request.headers.get("accept", "*/*").lower()
    if not any(word in accept for word in ("json", "*/*", "application/*")):
        raise NotAcceptable("Only application/fhir+json is spoken here.")
