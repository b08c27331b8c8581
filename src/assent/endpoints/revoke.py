"""`POST /oauth/token/revoke`, and the path under which Smile CDR's clients know it. Source: RFC 7009."""

from starlette.routing import Route

from assent.endpoints.exchange import FormEndpoint, answer_post_preflight
from assent.engine.client_auth import Presented
from assent.engine.revocation import revoke_token
from assent.engine.server import AuthorizationServer

PATHS = ("/oauth/token/revoke", "/session/token/revoke")


def revocation_routes(server: AuthorizationServer) -> list[Route]:
    """The revocation endpoint, and the preflight of browser apps (RFC 7009 2.3)."""
    endpoint = FormEndpoint(server, _answer)
    return [
        route
        for path in PATHS
        for route in (
            Route(path, endpoint, methods=["POST"]),
            Route(path, answer_post_preflight, methods=["OPTIONS"]),
        )
    ]


async def _answer(server: AuthorizationServer, presented: Presented) -> bytes:
    await revoke_token(server, presented)
    return b""
