"""From an HTTP request to what FHIR understands by it: path, query, form or body, and the formats that are spoken.

Owns the bytes; which interaction it is, `spec.fhir.interactions` says.
Sources: FHIR R4 3.1.0.1.11 (formats), Search 3.1.1.2 (GET and POST).
"""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from assent.fhir.upstream import FHIR_JSON
from assent.gateway.calls import JSON_PATCH
from assent.gateway.cursor import PARAMETER
from assent.gateway.exchange import Sent
from assent.spec.fhir.decide import is_public
from assent.spec.fhir.interactions import FhirRequest, read_request
from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.spec.operation_permissions import BINARY_READ, BINARY_WRITE, EXPORT

_FORM: Final = "application/x-www-form-urlencoded"
_JSON_TYPES: Final = frozenset({FHIR_JSON, "application/json", "application/json+fhir", "text/json"})


def path_below(request: Request, base_path: str) -> str:
    """The path below the FHIR base, as it was sent: not decoded, with its leading slash."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.decode("ascii", "replace").partition("?")[0].removeprefix(base_path)


def read_public(request: Request, path: str) -> FhirRequest | None:
    """The interaction, where it is one that anyone may ask for without a token."""
    if request.method not in ("GET", "HEAD"):
        return None
    try:
        asked = read_request("GET", path)
    except Refused:
        return None
    return asked if is_public(asked) else None


async def read_sent(request: Request, path: str) -> Sent:
    """What was sent to `path`, which `path_below` gave. Raises `Refused` (400, 403, 404, 405, 406, 415)."""
    query = request.scope["query_string"].decode("ascii", "replace")
    method = "GET" if request.method == "HEAD" else request.method
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers.keys()}  # noqa: SIM118
    if not path.endswith(f"/{BINARY_READ}"):
        check_format(request)
    body = await request.body() if method in ("POST", "PUT", "PATCH") else b""
    if method == "GET" and read_cursor(query) is not None:
        # the cursor says what is asked; the path only has to be one of ours
        return Sent(read_request(method, path, "", "", headers), query, headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    form = ""
    if method == "POST" and path.removesuffix("/").endswith("/_search"):
        form = _read_form(body, media_type)
    elif (
        body
        and not path.endswith(f"/{BINARY_WRITE}")
        and media_type not in (_JSON_TYPES | {JSON_PATCH} if method == "PATCH" else _JSON_TYPES)
    ):
        raise _unsupported(f"The body is {FHIR_JSON}{f' or {JSON_PATCH}' if method == 'PATCH' else ''}")
    asked = read_request(method, path, query, form, headers)
    if request.method == "HEAD" and asked.operation == EXPORT:
        raise Refused(
            Refuse(405, "not-supported", "An export is begun by GET or POST", "HEAD begins nothing")
        )
    return Sent(asked, query, headers, body)


def read_cursor(query: str) -> str | None:
    """The paging cursor in a query; None where there is none, or more than one."""
    if PARAMETER not in query:
        return None
    values = [value for name, value in parse_qsl(query) if name == PARAMETER]
    return values[0] if len(values) == 1 else None


def check_format(request: Request) -> None:
    """JSON is what is answered; `_format` overrules Accept. Raises `Refused` (406) where JSON is not taken."""
    asked = dict(parse_qsl(request.url.query)).get("_format")
    accept = request.headers.get("accept", "")
    wanted = [asked] if asked else [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    takes_json = any(one in ("", "*/*", "application/*") or "json" in one for one in wanted)
    if not takes_json and any("xml" in one or "turtle" in one for one in wanted):
        raise Refused(Refuse(406, "not-supported", "Answers are JSON", "Accept names no JSON type"))


def _read_form(body: bytes, media_type: str) -> str:
    if body and media_type != _FORM:
        raise _unsupported(f"The body of a _search is {_FORM}")
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise malformed("The form of a _search is percent-encoded") from error


def _unsupported(rule: str) -> Refused:
    return Refused(Refuse(415, "not-supported", rule, rule))
