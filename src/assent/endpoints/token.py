"""`POST /oauth/token`. Source: RFC 6749 3.2, SMART App Launch 2.2."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.exchange import allow_own_pages, answer_json, read_presented
from assent.engine.server import AuthorizationServer
from assent.engine.token_endpoint import respond
from assent.web.cors import answer_preflight


def token_routes(server: AuthorizationServer) -> list[Route]:
    """The token endpoint, and the preflight of browser apps."""

    async def post(request: Request) -> Response:
        presented = await read_presented(request)
        await allow_own_pages(server, request, presented)
        return answer_json(await respond(server, presented))

    return [
        Route("/oauth/token", post, methods=["POST"]),
        Route("/oauth/token", _preflight, methods=["OPTIONS"]),
    ]


async def _preflight(_request: Request) -> Response:
    return answer_preflight("POST")
