"""`/.well-known/jwks.json`, and its alias `/jwk`: the keys that verify what we sign.

A new key may sign as soon as it is there (`assent key rotate` without `--lead`), so caches must ask each time whether
the set is still the same; the answer to that is short.
Sources: RFC 7517 5; RFC 9111 5.2.2.4 (no-cache), RFC 9110 13.1.2 (If-None-Match).
"""

import hashlib

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.server import AuthorizationServer
from assent.web.cors import answer_preflight, public_headers

PATHS = ("/.well-known/jwks.json", "/jwk")


def jwks_routes(server: AuthorizationServer) -> list[Route]:
    """The key set; any web page may read it."""
    always = {"cache-control": "no-cache", **dict(public_headers())}

    async def get(request: Request) -> Response:
        if request.method == "OPTIONS":
            return answer_preflight("GET")
        body = msgspec.json.encode(await server.keys.published())
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {**always, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, "application/json")  # bare JSON, as SMART clients expect (O3)

    return [Route(path, get, methods=["GET", "OPTIONS"]) for path in PATHS]
