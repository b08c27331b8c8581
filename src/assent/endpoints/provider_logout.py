"""`/login/{name}/backchannel-logout` and `/login/{name}/signed-out`: a provider signs somebody out, or did at our wish.

Sources: OpenID Connect Back-Channel Logout 1.0 2.5 to 2.8; RP-Initiated Logout 1.0 3.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.logout_notices import answer_notice, refuse_notice
from assent.engine.provider_logout import end_provider_sessions
from assent.identity import Inbound, TakesLogoutTokens
from assent.spec.errors import InvalidRequest
from assent.spec.params import read_params
from assent.web.errors import PageRefused
from assent.web.forms import read_form
from assent.web.provider_exit import back_from_exit
from assent.web.site import Site, see_other


def provider_logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The endpoint for providers, and the page that people come back to."""

    async def notify(request: Request) -> Response:
        name = request.path_params["name"]
        module: object = await inbound.redirect_module(site.server, name)
        if not isinstance(module, TakesLogoutTokens):
            return refuse_notice(404, "there is no such provider")
        takes: TakesLogoutTokens = module

        async def end() -> None:
            token = read_params(await read_form(request)).get("logout_token")
            if token is None:
                raise InvalidRequest("logout_token is missing")
            notice = await takes.read_logout(site.server, token)
            await end_provider_sessions(site.server, name, notice, site.caller(request))

        return await answer_notice(site, request, name, end)

    async def come_back(request: Request) -> Response:
        name = request.path_params["name"]
        if await inbound.exit_module(site.server, name) is None:
            raise PageRefused(404, "missing", detail="no such provider")
        browser = site.browser(request)
        departure = await back_from_exit(site, browser, name, request.query_params.get("state", ""))
        then = departure.kept.get("then") if departure is not None else None
        return see_other(then) if then is not None else signed_out_page(site, request)

    return [
        Route("/login/{name}/backchannel-logout", notify, methods=["POST"]),
        Route("/login/{name}/signed-out", come_back, methods=["GET"]),
    ]


def signed_out_page(site: Site, request: Request) -> Response:
    """The page that says so."""
    context = {
        "page": site.view(),
        "back_url": None,
        "back_name": None,
        "sign_in_url": site.to("/login"),
    }
    return site.page(request, "signed_out.html", context)
