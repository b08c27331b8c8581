"""`POST /oauth/introspect`. Source: RFC 7662, SMART App Launch 2.2."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.exchange import answer_json, read_presented
from assent.engine.introspection import introspect
from assent.engine.server import AuthorizationServer


def introspection_routes(server: AuthorizationServer) -> list[Route]:
    """The introspection endpoint."""

    async def post(request: Request) -> Response:
        return answer_json(await introspect(server, await read_presented(request)))

    return [Route("/oauth/introspect", post, methods=["POST"])]
