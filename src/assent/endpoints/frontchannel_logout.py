"""`/login/{name}/frontchannel-logout`: a provider's page makes the browser load it when somebody signs out there.

Off unless the provider's definition says so. The page stands in a frame of the provider's, into which no cookie of ours
goes: `iss` and `sid` say which session is meant, and both are needed. Source: OpenID Connect Front-Channel Logout 1.0.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assent.endpoints.provider_logout import note_no_logout
from assent.engine.frontchannel_logout import end_session_of_provider
from assent.identity import Inbound, LogoutRefused, ModuleDown, TakesFrontchannelLogout
from assent.spec.errors import InvalidRequest
from assent.spec.params import read_params
from assent.web.forms import read_query
from assent.web.site import Site

_NOT_KEPT = {"cache-control": "no-store"}  # Front-Channel Logout 2


def frontchannel_logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """Where providers make browsers say who signed out."""

    async def notify(request: Request) -> Response:
        name = request.path_params["name"]
        module: object = await inbound.redirect_module(site.server, name)
        if not isinstance(module, TakesFrontchannelLogout):
            return _refuse(404, "there is no such provider")
        try:
            said = read_params(read_query(request))
            session = await module.read_frontchannel_logout(site.server, said.get("iss"), said.get("sid"))
        except InvalidRequest as error:
            return _refuse(400, error.description)
        except LogoutRefused as error:
            note_no_logout(site, request, name, str(error))
            return _refuse(400, "this signs nobody out")
        except ModuleDown as error:
            note_no_logout(site, request, name, str(error))
            return _refuse(503, "the provider does not answer")
        await end_session_of_provider(site.server, name, session, site.caller(request))
        return Response(status_code=200, headers=_NOT_KEPT)

    return [Route("/login/{name}/frontchannel-logout", notify, methods=["GET"])]


def _refuse(status: int, why: str) -> Response:
    body = {"error": "invalid_request", "error_description": why}
    return JSONResponse(body, status, _NOT_KEPT)
