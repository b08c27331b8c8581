"""`/oauth/authorize`, GET and POST.

A POST may come from another site and then brings no cookie; nothing is decided on it: the request is stored and
the browser sent to a GET, which takes it up. Each request leaves rows, so they are counted by address; whoever is
signed in goes on, however many others ask from where she is.
Sources: RFC 6749 3.1, SMART App Launch 2.2 (authorize-post), RFC 6585 4.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import (
    AuthorizeRequest,
    PageError,
    RedirectError,
    read_authorize_request,
)
from assent.engine.authorize.respond import record_page_error
from assent.engine.authorize.resume import begin, store, take_up
from assent.engine.rate_limits import RateLimit, count_place
from assent.engine.sessions import find_sign_in
from assent.records.clients import Client
from assent.spec.errors import TooManyRequests
from assent.web.forms import Pairs, read_form, read_query
from assent.web.journey import advance, go_back, next_page
from assent.web.site import Site, page_route, see_other


def authorize_routes(site: Site) -> list[Route]:
    """The authorization endpoint and its continuation."""

    async def read(request: Request, pairs: Pairs) -> tuple[AuthorizeRequest, Client]:
        await _count(site, request)
        try:
            return await read_authorize_request(site.server, pairs)
        except PageError as refused:
            await record_page_error(site.server, refused, site.caller(request))
            raise

    async def get(request: Request) -> Response:
        browser = site.browser(request)
        try:
            asked, client = await read(request, read_query(request))
            session_cookie = site.session_cookie.read(request)
            progress = await begin(site.server, asked, client, browser.id, session_cookie)
            response = await next_page(site, request, progress, None, browser)
        except RedirectError as refused:
            response = await go_back(site, request, refused)
        site.guard.remember(response, browser)
        return response

    async def post(request: Request) -> Response:
        try:
            asked, client = await read(request, await read_form(request))
        except RedirectError as refused:
            return await go_back(site, request, refused)
        progress = Progress(asked, client, site.server.now())
        handle = await store(site.server, progress, None, site.caller(request))
        return see_other(site.to(f"/oauth/authorize/continue?flow={handle}"))

    async def go_on(request: Request) -> Response:
        browser = site.browser(request)
        handle = request.query_params.get("flow", "")
        await take_up(site.server, handle, browser.id)
        response = await advance(site, request, handle, browser, site.session_cookie.read(request))
        site.guard.remember(response, browser)
        return response

    return [
        page_route("/oauth/authorize", get, post),
        Route("/oauth/authorize/continue", go_on, methods=["GET"]),
    ]


async def _count(site: Site, request: Request) -> None:
    """Raises `TooManyRequests` when too many come from this address of people who are not signed in."""
    limit = RateLimit("authorize", site.server.settings.authorizations_per_minute, 60)
    try:
        await count_place(site.server, limit, caller=site.caller(request))
    except TooManyRequests:
        if await find_sign_in(site.server, site.session_cookie.read(request)) is None:
            raise
