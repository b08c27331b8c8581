"""A request to the store and its answer, as values without a framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec

from assent.demo.store.errors import BadRequest, NotAllowed, StoreError, UnsupportedMediaType, outcome
from assent.demo.store.wire import Json, decode, encode

FHIR_JSON = "application/fhir+json"
_JSON_TYPES = frozenset({FHIR_JSON, "application/json"})
_PATCH_TYPE = "application/json-patch+json"
_FORM_TYPE = "application/x-www-form-urlencoded"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """One request. `segments`: the decoded path below the FHIR base; header names are in lower case."""

    method: str
    segments: tuple[str, ...]
    query: Pairs = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path below the FHIR base, `Patient/amy`."""
        return "/".join(self.segments)

    def prefers(self, word: str) -> bool:
        """Whether a `Prefer` header holds the preference, `return=minimal` (RFC 7240)."""
        return word in self.headers.get("prefer", "").replace(" ", "").replace(";", ",").split(",")

    def form(self) -> Pairs:
        """The pairs of a form body; raises UnsupportedMediaType when the body is another thing."""
        if not self.body:
            return ()
        self._check_type(frozenset({_FORM_TYPE}))
        return read_query(self.body)

    def resource(self) -> Json:
        """The JSON object in the body; raises UnsupportedMediaType or BadRequest."""
        self._check_type(_JSON_TYPES)
        value = self._json()
        if not isinstance(value, dict):
            raise BadRequest("The body is not a JSON object.")
        return value

    def patch(self) -> list[Json]:
        """The operations of a JSON Patch body (RFC 6902); raises UnsupportedMediaType or BadRequest."""
        self._check_type(frozenset({_PATCH_TYPE}))
        value = self._json()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise BadRequest("The body is not a JSON Patch: a list of operations.")
        return value

    def _json(self) -> object:
        try:
            value: object = decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error
        return value

    def _check_type(self, allowed: frozenset[str]) -> None:
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in allowed:
            raise UnsupportedMediaType(f"The content type must be {' or '.join(sorted(allowed))}.")


@dataclass(frozen=True, slots=True)
class StoreResponse:
    """One answer: status, headers (names in their usual spelling), and the body's bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Json:
        """The body as a JSON object."""
        value: Json = decode(self.body)
        return value


def respond(status: int, value: object, headers: Mapping[str, str] | None = None) -> StoreResponse:
    """An answer that carries a resource, a Bundle or an OperationOutcome."""
    return StoreResponse(status, {"Content-Type": FHIR_JSON, **(headers or {})}, encode(value))


def refuse(error: StoreError) -> StoreResponse:
    """The answer to a request that was refused."""
    headers = {}
    if isinstance(error, NotAllowed):
        headers["Allow"] = ", ".join(
            error.allowed
        )  # RFC 9110 15.5.6: the server MUST generate an Allow header field
    return respond(error.status, outcome("error", error.code, str(error)), headers)


def read_query(text: str | bytes) -> Pairs:
    """The pairs of a query string or form, in order, empty values kept; raises BadRequest when they are not UTF-8."""
    try:
        decoded = text if isinstance(text, str) else text.decode()
        return tuple(parse_qsl(decoded, keep_blank_values=True, errors="strict", max_num_fields=200))
    except ValueError as error:
        raise BadRequest(f"The parameters cannot be read: {error}.") from error
