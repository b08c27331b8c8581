"""`POST /oauth/token`. Source: RFC 6749 3.2, SMART App Launch 2.2."""

from starlette.routing import Route

from assent.endpoints.exchange import FormEndpoint, answer_post_preflight, encode
from assent.engine.client_auth import Presented
from assent.engine.server import AuthorizationServer
from assent.engine.token_endpoint import respond


def token_routes(server: AuthorizationServer) -> list[Route]:
    """The token endpoint, and the preflight of browser apps."""
    return [
        Route("/oauth/token", FormEndpoint(server, _answer), methods=["POST"]),
        Route("/oauth/token", answer_post_preflight, methods=["OPTIONS"]),
    ]


async def _answer(server: AuthorizationServer, presented: Presented) -> bytes:
    return encode(await respond(server, presented))
