"""`/fhir`: the gateway over HTTP. Every refusal is an OperationOutcome."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.events import audit_event, record
from assent.engine.server import AuthorizationServer, Caller, RecordSystemDown
from assent.fhir.json import encode_resource
from assent.fhir.upstream import FHIR_JSON, Upstream, UpstreamDown
from assent.gateway.access import Access, read_access
from assent.gateway.cursor import PARAMETER, Cursors
from assent.gateway.exchange import Answer, Exchange, Sent
from assent.gateway.metadata import read_metadata
from assent.spec.documents import Capabilities, discovery_document
from assent.spec.errors import InvalidToken
from assent.spec.fhir.decide import is_public
from assent.spec.fhir.interactions import read_request
from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.web.cors import allow_any, allow_client, answer_preflight, is_preflight
from assent.web.errors import Fault, reference_of
from assent.web.headers import request_id

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_FORM = "application/x-www-form-urlencoded"
_JSON_TYPES = frozenset({FHIR_JSON, "application/json", "application/json+fhir", "text/json"})
_encode = msgspec.json.Encoder().encode


def gateway_routes(
    server: AuthorizationServer,
    upstream: Upstream,
    capabilities: Capabilities,
    path: str,
    mounted_at: str = "",
) -> list[Route]:
    """The FHIR endpoint at `path`, the path of the issuer's FHIR base; `mounted_at` is the issuer's own."""
    gateway = _Gateway(server, upstream, capabilities, path)
    below = path.removeprefix(mounted_at)
    return [
        Route(below, gateway.handle, methods=METHODS),
        Route(below + "/{rest:path}", gateway.handle, methods=METHODS),
    ]


class _Gateway:
    def __init__(
        self, server: AuthorizationServer, upstream: Upstream, capabilities: Capabilities, path: str
    ) -> None:
        self._server = server
        self._upstream = upstream
        self._path = path
        self._smart_configuration = _encode(discovery_document(capabilities))
        self._exchange = Exchange(
            upstream, server.issuer.fhir_base, Cursors(server.cookie_key, server.random)
        )

    async def handle(self, request: Request) -> Response:
        """One request; every refusal is answered here."""
        if is_preflight(request):
            return answer_preflight("GET, POST, PUT, DELETE")
        access: Access | None = None
        try:
            sent = await self._read(request)
            if is_public(sent.request):
                return await self._public(request, sent)
            access = await read_access(self._server, request.headers.get("authorization"))
            allow_client(request, access.bearer.client.redirect_uris)
            cursor = _cursor_of(sent.query)
            if cursor is not None:
                return _respond(request, await self._exchange.further_page(access, cursor))
            return _respond(request, await self._exchange.answer(access, sent))
        except InvalidToken as error:
            allow_any(request)
            return _unauthorized(request, error)
        except Refused as refused:
            return await self._refuse(request, access, refused.refusal)
        except (UpstreamDown, RecordSystemDown) as error:
            rule = "The FHIR server did not answer"
            return await self._refuse(request, access, Refuse(502, "exception", rule, str(error)))

    async def _read(self, request: Request) -> Sent:
        """The request as FHIR understands it. Raises `Refused`."""
        raw = request.scope.get("raw_path") or request.scope["path"].encode()
        path = raw.decode("ascii", "replace").partition("?")[0]
        relative = path.removeprefix(self._path).removeprefix("/")
        query = request.scope["query_string"].decode("ascii", "replace")
        method = "GET" if request.method == "HEAD" else request.method
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        headers = {name.lower(): value for name, value in request.headers.items()}
        _check_format(headers.get("accept", ""), query)
        body = await request.body() if method in ("POST", "PUT", "PATCH") else b""
        form = ""
        if method == "POST" and relative.endswith("_search"):
            if body and media_type != _FORM:
                raise Refused(_unsupported(f"The body of a _search is {_FORM}"))
            try:
                form = body.decode("ascii")
            except UnicodeDecodeError as error:
                raise malformed("The form of a _search is percent-encoded") from error
        elif method in ("POST", "PUT") and body and media_type not in _JSON_TYPES:
            raise Refused(_unsupported(f"The body is {FHIR_JSON}"))
        if _cursor_of(query) is not None and method == "GET":
            # the cursor says what is asked; the path only has to be one of ours
            return Sent(read_request(method, relative, "", "", headers), query, headers)
        return Sent(read_request(method, relative, query, form, headers), query, headers, body)

    async def _public(self, request: Request, sent: Sent) -> Response:
        allow_any(request)
        if sent.request.interaction == "smart_configuration":
            return Response(self._smart_configuration, media_type="application/json")
        now = datetime.fromtimestamp(self._server.now(), UTC).isoformat()
        statement = await read_metadata(self._upstream, self._server.issuer, now)
        return _respond(request, Answer(200, statement))

    async def _refuse(self, request: Request, access: Access | None, refusal: Refuse) -> Response:
        """The outcome, with the reference under which the reason is found in the audit log."""
        reference = reference_of(request_id(request.scope))
        caller = Caller(
            request.client.host if request.client else None, request.headers.get("user-agent"), reference
        )
        bearer = access.bearer if access else None
        event = audit_event(
            self._server,
            "fhir.refused",
            "refused",
            caller=caller,
            client_id=bearer.client.client_id if bearer else None,
            person_id=bearer.person.person_id if bearer and bearer.person else None,
            grant_id=bearer.grant.grant_id if bearer and bearer.grant else None,
            reference=reference,
            detail={"status": refusal.status, "rule": refusal.diagnostics, "detail": refusal.detail},
        )
        await record(self._server, event)
        outcome = refusal.outcome
        outcome["issue"][0]["diagnostics"] = f"{refusal.diagnostics} (reference {reference})"
        return _respond(request, Answer(refusal.status, outcome))


def _respond(request: Request, answer: Answer) -> Response:
    headers = {"cache-control": "no-store", **answer.headers}
    if answer.resource is None:
        return Response(b"", answer.status, headers)
    response = Response(encode_resource(answer.resource), answer.status, headers, FHIR_JSON)
    if request.method == "HEAD":
        response.body = b""
    return response


def _unauthorized(request: Request, error: InvalidToken) -> Response:
    """401 with the challenge of RFC 6750 3; without a token, no error code."""
    challenge = 'Bearer realm="fhir"'
    if "authorization" in request.headers:
        challenge += f', error="{error.code}", error_description="{error.description}"'
    outcome = _outcome("login", error.description)
    return Response(
        _encode(outcome), 401, {"www-authenticate": challenge, "cache-control": "no-store"}, FHIR_JSON
    )


def outcome_surface(_request: Request, fault: Fault) -> Response:
    """How what is raised outside the exchange (sizes, faults of ours) looks to a FHIR client."""
    code = "exception" if fault.status >= 500 else "too-long" if fault.status == 413 else "invalid"
    outcome = _outcome(code, f"{fault.description} (reference {fault.reference})")
    return Response(_encode(outcome), fault.status, dict(fault.headers), FHIR_JSON)


def _outcome(code: str, diagnostics: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _cursor_of(query: str) -> str | None:
    if PARAMETER not in query:
        return None
    values = [value for name, value in parse_qsl(query) if name == PARAMETER]
    return values[0] if len(values) == 1 else None


def _check_format(accept: str, query: str) -> None:
    """JSON is what is answered (FHIR R4 3.1.0.1.11). Raises `Refused` (406) where only something else is taken."""
    asked = dict(parse_qsl(query)).get("_format")
    wanted = [asked] if asked else [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    takes_json = any(one in ("", "*/*", "application/*") or "json" in one for one in wanted)
    if not takes_json and any("xml" in one or "turtle" in one for one in wanted):
        raise Refused(Refuse(406, "not-supported", "Answers are JSON", "Accept names no JSON type"))


def _unsupported(rule: str) -> Refuse:
    return Refuse(415, "not-supported", rule, rule)


def path_of(fhir_base: str) -> str:
    """The path at which the gateway answers."""
    return urlsplit(fhir_base).path.rstrip("/")
