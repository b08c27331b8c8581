"""`/oauth/logout`, and its alias `/logout`. Source: OpenID Connect RP-Initiated Logout 1.0."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.logout import LogoutRequest, needs_asking, read_logout_request
from assent.engine.sessions import SomeSignIn, end_session, find_sign_in
from assent.identity import Inbound
from assent.spec.params import Params, read_params
from assent.web.apps import shown_name
from assent.web.forms import Pairs, read_page_form, read_query
from assent.web.headers import allow_form_target
from assent.web.provider_exit import exit_of, leave_for_exit
from assent.web.site import Site, page_route, see_other

PATHS = ("/oauth/logout", "/logout")
PURPOSE = "logout"
ASKED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


def logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The end-session endpoint."""

    async def get(request: Request) -> Response:
        return await _answer(site, inbound, request, read_query(request))

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        decision = form.one("decision")
        if decision is None:
            # an app's own POST (RP-Initiated Logout 2) brings no cookie of ours: nothing is decided on it
            asked = urlencode(list(_params(list(form.pairs)).items()))
            return see_other(site.to(f"{PATHS[0]}?{asked}"))
        site.guard.check_form(request, form, PURPOSE)
        wanted = await read_logout_request(site.server, _params(list(form.pairs)))
        if decision == "logout":
            signed_in = await find_sign_in(site.server, site.session_cookie.read(request))
            return await _sign_out(site, inbound, request, wanted, signed_in)
        return see_other(wanted.back or site.to("/oauth/revoke"))

    return [page_route(path, get, post) for path in PATHS]


async def _answer(site: Site, inbound: Inbound, request: Request, pairs: Pairs) -> Response:
    params = _params(pairs)
    asked = await read_logout_request(site.server, params)
    signed_in = await find_sign_in(site.server, site.session_cookie.read(request))
    if signed_in is None or not needs_asking(site.server, asked, signed_in):
        return await _sign_out(site, inbound, request, asked, signed_in)
    browser = site.browser(request)
    for target in (asked.back, await exit_of(site, inbound, signed_in.session)):
        if target is not None:
            allow_form_target(request, target)
    context = {
        "page": site.view(signed_in.person),
        "csrf": site.guard.token(browser, PURPOSE),
        "action": site.to(PATHS[0]),
        "app": shown_name(asked.client) if asked.client else None,
        "hidden": tuple((name, params[name]) for name in ASKED if name in params),
        "revoke_url": site.to("/oauth/revoke"),
    }
    response = site.page(request, "logout.html", context)
    site.guard.remember(response, browser)
    return response


def _params(pairs: Pairs) -> Params:
    return read_params([(name, value) for name, value in pairs if name in ASKED])


async def _sign_out(
    site: Site,
    inbound: Inbound,
    request: Request,
    asked: LogoutRequest,
    signed_in: SomeSignIn | None,
) -> Response:
    elsewhere, browser = None, site.browser(request)
    if signed_in is not None:
        because = "signed out" if asked.client is None else "signed out by an app"
        await end_session(
            site.server,
            signed_in.session,
            because=because,
            actor=signed_in.person.person_id,
            caller=site.caller(request),
        )
        elsewhere = await leave_for_exit(site, inbound, request, browser, signed_in.session, asked.back)
    if elsewhere is not None:
        response = elsewhere
        site.guard.remember(response, browser)
    elif asked.back is not None:
        response = see_other(asked.back)
    else:
        context = {
            "page": site.view(),
            "back_url": None,
            "back_name": None,
            "sign_in_url": site.to("/login"),
        }
        response = site.page(request, "signed_out.html", context)
    site.session_cookie.clear(response)
    return response
