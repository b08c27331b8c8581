"""`/.well-known/jwks.json`, and its alias `/jwk`: the keys that verify what we sign. Source: RFC 7517 5."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.server import AuthorizationServer
from assent.web.cors import answer_preflight, public_headers

PATHS = ("/.well-known/jwks.json", "/jwk")
KEPT_SECONDS = 60


def jwks_routes(server: AuthorizationServer) -> list[Route]:
    """The key set; any web page may read it."""
    headers = {"cache-control": f"public, max-age={KEPT_SECONDS}", **dict(public_headers())}

    async def get(request: Request) -> Response:
        if request.method == "OPTIONS":
            return answer_preflight("GET")
        body = msgspec.json.encode(await server.keys.published())
        return Response(body, 200, headers, "application/json")  # bare JSON, as SMART clients expect (O3)

    return [Route(path, get, methods=["GET", "OPTIONS"]) for path in PATHS]
