"""`/oauth/authorize`, GET and POST, and the one way on from any page: `advance`.

A POST may come from another site and then brings no cookie; nothing is decided on it: the request is stored and
the browser sent to a GET, which takes it up. Sources: RFC 6749 3.1, SMART App Launch 2.2 (authorize-post).
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import RedirectError, read_authorize_request
from assent.engine.authorize.respond import refuse, respond
from assent.engine.authorize.resume import Waiting, begin, find_waiting, store, take_up
from assent.engine.authorize.steps import next_step
from assent.records.sessions import Pending
from assent.web.csrf import Browser
from assent.web.forms import Pairs, read_form, read_query
from assent.web.headers import request_id
from assent.web.errors import reference_of
from assent.web.site import Site, see_other


def authorize_routes(site: Site) -> list[Route]:
    """The authorization endpoint and its continuation."""

    async def get(request: Request) -> Response:
        return await _authorize(site, request, read_query(request))

    async def post(request: Request) -> Response:
        pairs = await read_form(request)
        server, caller = site.server, site.caller(request)
        try:
            asked, client = await read_authorize_request(server, pairs)
        except RedirectError as refused:
            return see_other(await refuse(server, refused, caller, _reference(request)))
        handle = await store(server, Progress(asked, client, server.now()), None, caller)
        return see_other(site.to(f"/oauth/authorize/continue?flow={handle}"))

    async def go_on(request: Request) -> Response:
        browser = site.browser(request)
        handle = request.query_params.get("flow", "")
        await take_up(site.server, handle, browser.id)
        response = await advance(site, request, handle, browser)
        site.guard.remember(response, browser)
        return response

    return [
        Route("/oauth/authorize", get, methods=["GET"]),
        Route("/oauth/authorize", post, methods=["POST"]),
        Route("/oauth/authorize/continue", go_on, methods=["GET"]),
    ]


async def _authorize(site: Site, request: Request, pairs: Pairs) -> Response:
    server, caller = site.server, site.caller(request)
    browser = site.browser(request)
    try:
        asked, client = await read_authorize_request(server, pairs)
        progress = await begin(server, asked, client, browser.id, site.session_cookie.read(request))
        response = await _next(site, request, progress, None, browser)
    except RedirectError as refused:
        response = see_other(await refuse(server, refused, caller, _reference(request)))
    site.guard.remember(response, browser)
    return response


async def _next(
    site: Site, request: Request, progress: Progress, waiting: Waiting | None, browser: Browser
) -> Response:
    """To the next page, or back to the app. Raises `RedirectError`."""
    server, caller = site.server, site.caller(request)
    step = next_step(server.settings, progress)
    pending: Pending | None = waiting.pending if waiting else None
    if step is None:
        return RedirectResponse(await respond(server, progress, pending, caller), 303)
    if "none" in progress.request.prompt:
        raise RedirectError(
            step.error("prompt is none, and a page would have to be shown"),
            progress.request.redirect_uri,
            progress.request.state,
            progress.client.client_id,
        )
    handle = waiting.handle if waiting else await store(server, progress, browser.id, caller)
    return see_other(site.to(f"{step.path}?flow={handle}"))


async def advance(site: Site, request: Request, handle: str, browser: Browser) -> Response:
    """Asks the decider again: to the next page, or back to the app. Raises `PageError`."""
    session_cookie = site.session_cookie.read(request)
    return await advance_as(site, request, handle, browser, session_cookie)


async def advance_as(
    site: Site, request: Request, handle: str, browser: Browser, session_cookie: str | None
) -> Response:
    """The same for a session that was begun by this very request. Raises `PageError`."""
    try:
        waiting = await find_waiting(site.server, handle, browser.id, session_cookie)
        return await _next(site, request, waiting.progress, waiting, browser)
    except RedirectError as refused:
        return see_other(await refuse(site.server, refused, site.caller(request), _reference(request)))


def _reference(request: Request) -> str:
    return reference_of(request_id(request.scope))
