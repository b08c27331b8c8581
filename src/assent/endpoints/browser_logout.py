"""`/login/{name}/logout`: a provider speaks of signing out by way of the browser: its own wish, or its answer to ours.

A wish is carried out on the provider's signature alone, with no cookie of ours; an answer counts in the browser that
left for it. What was posted from there comes without our cookies, and the browser comes for it with a GET.
Source: SAML Profiles 4.4 (Single Logout).
"""

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.logout_notices import note_no_logout
from assent.endpoints.provider_logout import signed_out_page
from assent.engine.provider_logout import Replayed, end_named_sessions
from assent.identity import Brought, Inbound, LogoutRefused, ModuleDown, SignsOutByBrowser
from assent.spec.errors import InvalidRequest
from assent.web.errors import PageRefused
from assent.web.forms import BadForm, read_page_form, read_query
from assent.web.provider_exit import back_from_exit, keep_exit_answer, send_on
from assent.web.site import Site, page_route, see_other

_ANSWER = "SAMLResponse"


def browser_logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """Where providers send browsers to sign out."""

    async def get(request: Request) -> Response:
        module = await _module(site, inbound, request)
        try:
            fields = dict(read_query(request))
        except InvalidRequest as error:
            raise BadForm(error.description) from error
        brought = Brought(fields, request.scope["query_string"].decode())
        if "state" in fields:
            return await _come_back(site, request, module, fields["state"], brought)
        if _ANSWER in fields:
            return await _come_back(site, request, module, fields.get("RelayState", ""), brought)
        return await _obey(site, request, module, brought)

    async def post(request: Request) -> Response:
        module = await _module(site, inbound, request)
        fields = dict((await read_page_form(request)).pairs)
        if _ANSWER not in fields:
            return await _obey(site, request, module, Brought(fields))
        state = fields.get("RelayState", "")
        name = request.path_params["name"]
        if not await keep_exit_answer(site, name, state, fields):
            raise PageRefused(400, "logout", detail="an answer that nobody waits for")
        return see_other(f"{site.to(f'/login/{quote(name)}/logout')}?{urlencode({'state': state})}")

    return [page_route("/login/{name}/logout", get, post)]


async def _module(site: Site, inbound: Inbound, request: Request) -> SignsOutByBrowser:
    module: object = await inbound.redirect_module(site.server, request.path_params["name"])
    if not isinstance(module, SignsOutByBrowser):
        raise PageRefused(404, "missing", detail="no such provider")
    return module


async def _obey(site: Site, request: Request, module: SignsOutByBrowser, brought: Brought) -> Response:
    """Ends the sessions that the provider names, and answers it."""
    name = request.path_params["name"]
    try:
        order = await module.read_logout_order(site.server, brought)
        await end_named_sessions(site.server, name, order.notice, site.caller(request))
    except (LogoutRefused, Replayed) as error:
        reason = str(error) or "logout request: replayed"
        note_no_logout(site, request, name, reason)
        raise PageRefused(400, "logout", detail=reason) from error
    except ModuleDown as error:
        note_no_logout(site, request, name, str(error))
        raise PageRefused(503, "ours", detail=str(error)) from error
    if order.answer is None:
        return signed_out_page(site, request)
    return send_on(site, request, module.title, order.answer)


async def _come_back(
    site: Site, request: Request, module: SignsOutByBrowser, state: str, brought: Brought
) -> Response:
    """She is signed out here; whether there too, the answer says."""
    name = request.path_params["name"]
    departure = await back_from_exit(site, site.browser(request), name, state)
    if departure is None:
        raise PageRefused(400, "logout", detail="no departure of this browser has this state")
    then = departure.kept.get("then")
    if departure.answer is not None:
        brought = Brought(departure.answer)
    try:
        await module.check_logout_answer(site.server, brought, departure.kept)
    except (LogoutRefused, ModuleDown) as error:
        note_no_logout(site, request, name, str(error))
        context = {
            "page": site.view(),
            "provider": module.title,
            "back_url": then,
            "sign_in_url": site.to("/login"),
        }
        return site.page(request, "signed_out_here.html", context)
    return see_other(then) if then is not None else signed_out_page(site, request)
