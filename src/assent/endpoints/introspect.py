"""`POST /oauth/introspect`. Source: RFC 7662, SMART App Launch 2.2."""

from starlette.routing import Route

from assent.endpoints.exchange import FormEndpoint, encode
from assent.engine.client_auth import Presented
from assent.engine.introspection import introspect
from assent.engine.server import AuthorizationServer


def introspection_routes(server: AuthorizationServer) -> list[Route]:
    """The introspection endpoint."""
    return [Route("/oauth/introspect", FormEndpoint(server, _answer), methods=["POST"])]


async def _answer(server: AuthorizationServer, presented: Presented) -> bytes:
    return encode(await introspect(server, presented))
