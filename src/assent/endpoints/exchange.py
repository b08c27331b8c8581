"""What the protocol endpoints share: reading what a client presents, and answering it in JSON that nobody keeps.

Sources: RFC 6749 3.2 and 5.1, RFC 7009 2.1, RFC 7662 2.1; SMART App Launch 2.2 (X2: CORS).
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from assent.engine.client_auth import Presented, claimed_client_id
from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client
from assent.spec.params import read_params
from assent.storage.tables import CLIENTS
from assent.web.cors import allow_client
from assent.web.errors import reference_of
from assent.web.forms import read_form
from assent.web.headers import request_id

_encode = msgspec.json.Encoder().encode
_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}  # RFC 6749 5.1


def caller_of(request: HTTPConnection) -> Caller:
    """Where a request came from; proxies were resolved by the server in front."""
    address = request.client.host if request.client else None
    return Caller(address, request.headers.get("user-agent"), reference_of(request_id(request.scope)))


async def read_presented(request: Request) -> Presented:
    """The form and credentials of a request. Raises `InvalidRequest`."""
    params = read_params(await read_form(request))
    return Presented(params, request.headers.get("authorization"), caller_of(request))


async def allow_own_pages(server: AuthorizationServer, request: Request, presented: Presented) -> None:
    """Lets web pages of the client that the request names read the answer, a refusal included."""
    if "origin" not in request.headers:
        return
    client = await server.storage.get(CLIENTS, claimed_client_id(server, presented) or "")
    allow_client(request, () if client is None else client.redirect_uris)


def allow_pages_of(request: Request, client: Client) -> None:
    """Lets web pages of this client read the answer."""
    if "origin" in request.headers:
        allow_client(request, client.redirect_uris)


def answer_json(body: Mapping[str, Any]) -> Response:
    """200 with a JSON body that no cache keeps."""
    return Response(_encode(body), 200, _NOT_KEPT, "application/json")
