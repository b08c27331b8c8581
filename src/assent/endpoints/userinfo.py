"""`/oauth/userinfo`, GET and POST. Source: OpenID Connect Core 1.0 5.3."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.exchange import answer_json
from assent.engine.server import AuthorizationServer
from assent.engine.userinfo import userinfo
from assent.web.cors import allow_client, answer_preflight
from assent.web.credentials import authorization_of


def userinfo_routes(server: AuthorizationServer) -> list[Route]:
    """The userinfo endpoint, and the preflight of browser apps."""

    async def tell(request: Request) -> Response:
        claims, client = await userinfo(server, authorization_of(request))
        allow_client(request, client.redirect_uris)
        return answer_json(claims)

    return [
        Route("/oauth/userinfo", tell, methods=["GET", "POST"]),
        Route("/oauth/userinfo", _preflight, methods=["OPTIONS"]),
    ]


async def _preflight(_request: Request) -> Response:
    return answer_preflight("GET, POST")
