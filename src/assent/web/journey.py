"""The way through an authorization request: to the page that is needed next, or back to the app.

Endpoint and pages go on only through here; which page is needed is `engine.authorize.steps`' decision.
"""

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.respond import SessionEnded, refuse, respond
from assent.engine.authorize.resume import Waiting, find_waiting, store
from assent.engine.authorize.steps import LOGIN, next_step
from assent.web.csrf import Browser
from assent.web.site import Site, see_other


async def next_page(
    site: Site, request: Request, progress: Progress, waiting: Waiting | None, browser: Browser
) -> Response:
    """To the next page, or back to the app with a code. Raises `RedirectError` and `PageError`."""
    server, caller = site.server, site.caller(request)
    step = next_step(server.settings, progress)
    if step is None:
        try:
            return see_other(await respond(server, progress, waiting.pending if waiting else None, caller))
        except SessionEnded:
            step = LOGIN
    asked = progress.request
    if "none" in asked.prompt:
        error = step.error("prompt is none, and a page would have to be shown")
        raise RedirectError(error, asked.redirect_uri, asked.state, asked.client_id)
    handle = waiting.handle if waiting else await store(server, progress, browser.id, caller)
    return see_other(site.to(f"{step.path}?flow={handle}"))


async def advance(
    site: Site, request: Request, handle: str, browser: Browser, session_cookie: str | None
) -> Response:
    """Asks the decider again for a stored request. Raises `PageError`."""
    try:
        waiting = await find_waiting(site.server, handle, browser.id, session_cookie)
        return await next_page(site, request, waiting.progress, waiting, browser)
    except RedirectError as refused:
        return await go_back(site, request, refused, handle)


async def go_back(
    site: Site, request: Request, refused: RedirectError, handle: str | None = None
) -> Response:
    """To the app, with the refusal, which ends the stored request of this `handle`. Raises `PageError`."""
    return see_other(await refuse(site.server, refused, site.caller(request), handle))
