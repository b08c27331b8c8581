"""What a refused request gets, and what is kept of it.

The outcome names the rule and a reference; the audit row of that reference holds the reason and the smallest change
that would flip it. Requests of which nobody is known (without a token, or with one that we never signed) are counted
and logged, but leave no row: there is nobody to explain them to, and a stranger could fill the audit log with them.
Sources: FHIR R4 OperationOutcome; RFC 6750 3 (the challenge of a 401).
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from assent.engine.bearer import NobodysToken
from assent.engine.events import audit_event, record
from assent.engine.server import AuthorizationServer, Caller
from assent.fhir.upstream import FHIR_JSON, UpstreamDown
from assent.gateway.access import Access
from assent.records.audit import AuditEvent
from assent.spec.errors import InvalidToken
from assent.spec.fhir.refusals import Refuse
from assent.web.errors import Fault, reference_of
from assent.web.headers import request_id

_CODES = {413: "too-long", 429: "throttled"}

_encode = msgspec.json.Encoder().encode


async def refuse(
    server: AuthorizationServer, request: Request, access: Access | None, refusal: Refuse
) -> Response:
    """The answer to a request that is refused; the reason goes to the audit log."""
    later = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
    return _respond(refusal.status, await note_refusal(server, request, access, refusal), later)


def note_broken_file(
    server: AuthorizationServer, request: Request, access: Access, error: UpstreamDown
) -> None:
    """Tells the log of a file that broke off while it was on its way: its answer had begun."""
    client_id = access.bearer.client.client_id
    detail = {"status": 200, "rule": "The file broke off", "detail": str(error)}
    server.observe(
        audit_event(
            server, "fhir.refused", "failed", caller=caller_of(request), client_id=client_id, detail=detail
        )
    )


async def note_refusal(
    server: AuthorizationServer, request: Request, access: Access | None, refusal: Refuse
) -> dict[str, Any]:
    """The OperationOutcome of a refusal; the reason goes to the audit log."""
    bearer = access.bearer if access else None
    event = audit_event(
        server,
        "fhir.refused",
        "refused",
        caller=caller_of(request),
        client_id=bearer.client.client_id if bearer else None,
        person_id=bearer.person.person_id if bearer and bearer.person else None,
        grant_id=bearer.grant.grant_id if bearer and bearer.grant else None,
        detail={
            "status": refusal.status,
            "rule": refusal.diagnostics,
            "detail": refusal.detail,
            **(
                {"acting_for": bearer.grant.acting_for}
                if bearer and bearer.grant and bearer.grant.acting_for
                else {}
            ),
        },
    )
    await _note(server, event, is_known=access is not None)
    return _outcome(refusal.code, f"{refusal.diagnostics} (reference {event.reference})")


async def challenge(server: AuthorizationServer, request: Request, error: InvalidToken) -> Response:
    """401 with the challenge of RFC 6750 3; without an Authorization header, no error code."""
    event = audit_event(
        server,
        "fhir.refused",
        "refused",
        caller=caller_of(request),
        detail={"status": 401, "rule": error.description, "detail": error.detail},
    )
    await _note(server, event, is_known=not isinstance(error, NobodysToken))
    challenged = 'Bearer realm="fhir"'
    if "authorization" in request.headers:
        challenged += f', error="{error.code}", error_description="{error.description}"'
    described = f"{error.description} (reference {event.reference})"
    return _respond(401, _outcome("login", described), {"www-authenticate": challenged})


def outcome_surface(_request: Request, fault: Fault) -> Response:
    """How what is raised outside the exchange (sizes, faults of ours) looks to a FHIR client."""
    code = "exception" if fault.status >= 500 else _CODES.get(fault.status, "invalid")
    text = f"{fault.description} (reference {fault.reference})"
    return _respond(fault.status, _outcome(code, text), dict(fault.headers))


async def _note(server: AuthorizationServer, event: AuditEvent, *, is_known: bool) -> None:
    if is_known:
        await record(server, event)
    else:
        server.observe(event)


def caller_of(request: Request) -> Caller:
    """Where a request came from; proxies were resolved by the server in front."""
    address = request.client.host if request.client else None
    return Caller(address, request.headers.get("user-agent"), reference_of(request_id(request.scope)))


def _outcome(code: str, diagnostics: str) -> dict[str, Any]:
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _respond(status: int, outcome: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(_encode(outcome), status, {"cache-control": "no-store", **(headers or {})}, FHIR_JSON)
