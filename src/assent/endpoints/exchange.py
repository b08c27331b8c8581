"""What the protocol endpoints share: a form in, with the client's credentials; JSON out, that nobody keeps.

These endpoints carry the load, so `FormEndpoint` speaks ASGI itself: for a small form the framework's request,
response and routing would cost as much as all the rest (docs/performance.md).
Sources: RFC 6749 3.2 and 5.1, RFC 7009 2.1, RFC 7662 2.1; SMART App Launch 2.2 (X2: CORS).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assent.engine.client_auth import Presented, claimed_client_id
from assent.engine.server import AuthorizationServer, Caller
from assent.spec.errors import InvalidRequest
from assent.spec.params import read_params
from assent.storage.tables import CLIENTS
from assent.web.cors import allow_client, answer_preflight
from assent.web.errors import reference_of
from assent.web.forms import read_form_body
from assent.web.headers import request_id

encode = msgspec.json.Encoder().encode
Answer = Callable[[AuthorizationServer, Presented], Awaitable[bytes]]
_JSON = (b"content-type", b"application/json")
_NOT_KEPT = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))  # RFC 6749 5.1


class FormEndpoint:
    """An ASGI application: `answer` gives the JSON of what was presented, or nothing for an empty answer."""

    def __init__(self, server: AuthorizationServer, answer: Answer) -> None:
        self._server = server
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads, answers 200. Raises an `OAuthError`, which is answered further out."""
        headers = _headers(scope)
        params = read_params(read_form_body(headers.get(b"content-type", ""), await _read_body(receive)))
        caller = Caller(_address(scope), headers.get(b"user-agent"), reference_of(request_id(scope)))
        presented = Presented(params, headers.get(b"authorization"), caller)
        if b"origin" in headers:
            await _allow_own_pages(self._server, HTTPConnection(scope), presented)
        body = await self._answer(self._server, presented)
        length = (b"content-length", str(len(body)).encode())
        dressed = [_JSON, *_NOT_KEPT, length] if body else [*_NOT_KEPT, length]
        await send({"type": "http.response.start", "status": 200, "headers": dressed})
        await send({"type": "http.response.body", "body": body})


def answer_json(body: Mapping[str, Any]) -> Response:
    """200 with a JSON body that no cache keeps."""
    headers = {"cache-control": "no-store", "pragma": "no-cache"}
    return Response(encode(body), 200, headers, "application/json")


async def answer_post_preflight(_request: Request) -> Response:
    """The answer to a browser that asks whether it may post."""
    return answer_preflight("POST")


def _headers(scope: Scope) -> dict[bytes, str]:
    """The headers that matter here. Raises `InvalidRequest` on two `Authorization` headers (RFC 6749 2.3)."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in (b"content-type", b"authorization", b"user-agent", b"origin"):
            if name == b"authorization" and name in found:
                raise InvalidRequest("more than one client authentication method is used")
            found.setdefault(name, value.decode("latin-1"))
    return found


def _address(scope: Scope) -> str | None:
    """Where it came from; proxies were resolved by the server in front."""
    client = scope.get("client")
    return str(client[0]) if client else None


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _allow_own_pages(
    server: AuthorizationServer, request: HTTPConnection, presented: Presented
) -> None:
    """Lets web pages of the client that the request names read the answer, a refusal included."""
    client = await server.storage.get(CLIENTS, claimed_client_id(server, presented) or "")
    allow_client(request, () if client is None else client.redirect_uris)
