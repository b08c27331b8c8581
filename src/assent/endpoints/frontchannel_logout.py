"""`/login/{name}/frontchannel-logout`: a provider's page makes the browser load it when somebody signs out there.

Off unless the provider's definition says so. The page stands in a frame of the provider's, into which no cookie of ours
goes: `iss` and `sid` say which session is meant, and both are needed. Source: OpenID Connect Front-Channel Logout 1.0.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.logout_notices import answer_notice, refuse_notice
from assent.engine.frontchannel_logout import end_session_of_provider
from assent.identity import Inbound, TakesFrontchannelLogout
from assent.spec.params import read_params
from assent.web.forms import read_query
from assent.web.site import Site


def frontchannel_logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """Where providers make browsers say who signed out."""

    async def notify(request: Request) -> Response:
        name = request.path_params["name"]
        module: object = await inbound.redirect_module(site.server, name)
        if not isinstance(module, TakesFrontchannelLogout):
            return refuse_notice(404, "there is no such provider")
        takes: TakesFrontchannelLogout = module

        async def end() -> None:
            said = read_params(read_query(request))
            session = await takes.read_frontchannel_logout(site.server, said.get("iss"), said.get("sid"))
            await end_session_of_provider(site.server, name, session, site.caller(request))

        return await answer_notice(site, request, name, end)

    return [Route("/login/{name}/frontchannel-logout", notify, methods=["GET"])]
