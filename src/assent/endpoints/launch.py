"""`POST /oauth/launch`: an EHR registers a launch context. JSON in, JSON out.

Source: the product's own contract; members as SMART App Launch 2.2 names them.
"""

from dataclasses import asdict
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assent.engine.bearer import read_bearer
from assent.engine.launch import record_refused_launch, register_launch
from assent.records.clients import Client
from assent.spec.errors import InsufficientScope, InvalidRequest, OAuthError
from assent.web.credentials import authorization_of
from assent.web.site import Site

LAUNCH_SCOPE = "launch:create"


def launch_routes(site: Site) -> list[Route]:
    """The launch endpoint."""

    async def post(request: Request) -> Response:
        caller = site.caller(request)
        ehr: Client | None = None
        try:
            ehr = await _read_ehr(site, request)
            body = read_json_object(request, await request.body())
            registered = await register_launch(site.server, ehr, body, caller)
        except OAuthError as refused:
            await record_refused_launch(site.server, ehr, refused, caller)
            raise
        return JSONResponse(asdict(registered), 201, {"Cache-Control": "no-store"})

    return [Route("/oauth/launch", post, methods=["POST"])]


async def _read_ehr(site: Site, request: Request) -> Client:
    """The client that asks. Raises `InvalidToken` and `InsufficientScope`."""
    bearer = await read_bearer(site.server, authorization_of(request))
    # a person's token never registers launches: only a confidential client acting on its own
    if bearer.grant is not None or not bearer.scope.has(LAUNCH_SCOPE):
        raise InsufficientScope(f"the scope {LAUNCH_SCOPE} is required, of a client acting on its own")
    return bearer.client


def read_json_object(request: Request, body: bytes) -> dict[str, Any]:
    """The JSON object of a request. Raises `InvalidRequest`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise InvalidRequest("the Content-Type of the request must be application/json")
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON") from error
    if not isinstance(decoded, dict):
        raise InvalidRequest("the body is not a JSON object")
    return decoded
