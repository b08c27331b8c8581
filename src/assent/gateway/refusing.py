"""What a refused request gets, and what is kept of it.

The outcome names the rule and a reference; the audit row of that reference holds the reason and the smallest change
that would flip it. Requests without any token are not recorded: there is nobody to explain them to, and anybody could
fill the log with them.
Sources: FHIR R4 OperationOutcome; RFC 6750 3 (the challenge of a 401).
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from assent.engine.events import audit_event, record
from assent.engine.server import AuthorizationServer, Caller
from assent.fhir.upstream import FHIR_JSON
from assent.gateway.access import Access
from assent.spec.errors import InvalidToken
from assent.spec.fhir.refusals import Refuse
from assent.web.errors import Fault, reference_of
from assent.web.headers import request_id

_encode = msgspec.json.Encoder().encode


async def refuse(
    server: AuthorizationServer, request: Request, access: Access | None, refusal: Refuse
) -> Response:
    """The answer to a request that is refused; the reason goes to the audit log."""
    bearer = access.bearer if access else None
    event = audit_event(
        server,
        "fhir.refused",
        "refused",
        caller=_caller(request),
        client_id=bearer.client.client_id if bearer else None,
        person_id=bearer.person.person_id if bearer and bearer.person else None,
        grant_id=bearer.grant.grant_id if bearer and bearer.grant else None,
        detail={"status": refusal.status, "rule": refusal.diagnostics, "detail": refusal.detail},
    )
    await record(server, event)
    return _outcome(refusal.status, refusal.code, f"{refusal.diagnostics} (reference {event.reference})")


async def challenge(server: AuthorizationServer, request: Request, error: InvalidToken) -> Response:
    """401 with the challenge of RFC 6750 3; without a token, no error code."""
    if "authorization" not in request.headers:
        return _outcome(401, "login", error.description, {"www-authenticate": 'Bearer realm="fhir"'})
    event = audit_event(
        server,
        "fhir.refused",
        "refused",
        caller=_caller(request),
        detail={"status": 401, "rule": error.description, "detail": error.detail},
    )
    await record(server, event)
    described = f'error="{error.code}", error_description="{error.description}"'
    headers = {"www-authenticate": f'Bearer realm="fhir", {described}'}
    return _outcome(401, "login", f"{error.description} (reference {event.reference})", headers)


def outcome_surface(_request: Request, fault: Fault) -> Response:
    """How what is raised outside the exchange (sizes, faults of ours) looks to a FHIR client."""
    code = "exception" if fault.status >= 500 else "too-long" if fault.status == 413 else "invalid"
    text = f"{fault.description} (reference {fault.reference})"
    return _outcome(fault.status, code, text, dict(fault.headers))


def _caller(request: Request) -> Caller:
    address = request.client.host if request.client else None
    return Caller(address, request.headers.get("user-agent"), reference_of(request_id(request.scope)))


def _outcome(status: int, code: str, diagnostics: str, headers: dict[str, str] | None = None) -> Response:
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": diagnostics}
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(_encode(outcome), status, {"cache-control": "no-store", **(headers or {})}, FHIR_JSON)
