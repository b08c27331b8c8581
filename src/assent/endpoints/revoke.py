"""`POST /oauth/token/revoke`, and the path under which Smile CDR's clients know it. Source: RFC 7009."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.exchange import allow_own_pages, read_presented
from assent.engine.revocation import revoke_token
from assent.engine.server import AuthorizationServer
from assent.web.cors import answer_preflight

PATHS = ("/oauth/token/revoke", "/session/token/revoke")


def revocation_routes(server: AuthorizationServer) -> list[Route]:
    """The revocation endpoint, and the preflight of browser apps (RFC 7009 2.3)."""

    async def post(request: Request) -> Response:
        presented = await read_presented(request)
        await allow_own_pages(server, request, presented)
        await revoke_token(server, presented)
        return Response(status_code=200, headers={"cache-control": "no-store"})

    return [
        route
        for path in PATHS
        for route in (Route(path, post, methods=["POST"]), Route(path, _preflight, methods=["OPTIONS"]))
    ]


async def _preflight(_request: Request) -> Response:
    return answer_preflight("POST")
