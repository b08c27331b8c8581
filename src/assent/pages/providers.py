"""`/login/{name}` and `/login/{name}/callback`: to a provider, and back from it.

A provider may post its answer from its own site (SAML), without this browser's cookies: what was posted is kept, and
the browser comes for it with a GET, which carries them. An answer that belongs to no departure of this browser proves
nothing and is refused.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.arrivals import Unwelcome
from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.resume import Waiting, find_waiting
from assent.engine.authorize.steps import LOGIN
from assent.engine.departures import come_back, depart, keep_answer
from assent.engine.handles import new_handle
from assent.engine.rate_limits import RateLimit, count_place
from assent.engine.turns import Turns
from assent.identity import ArrivalRefused, Describes, Inbound, ModuleDown, RedirectModule, Trip
from assent.pages.arriving import Purpose, enter, note_refusal, own_page, wanted_page
from assent.pages.journey import Visit, visit
from assent.records.identities import Departure
from assent.web.csrf import Browser
from assent.web.errors import PageRefused
from assent.web.forms import read_page_form
from assent.web.journey import go_back
from assent.web.language_choice import prefer_locales
from assent.web.site import Site, page_route, see_other
from assent.web.skins.looks import dress_for

_DEPARTURES: Final = RateLimit("departures_to_providers", 600, 60)
_ANSWERS: Final = RateLimit("answers_of_providers", 120, 60)
"""Of those that sign nobody in. What comes of an answer alone tells it from a good one: so each that belongs to a
departure is looked at, of which there are only so many, and so many at once."""

_LOOKED_AT_ONCE: Final = 16
_WAITING: Final = 200

Fail = Callable[[Request, Browser, Purpose, str, int], Awaitable[Response]]
"""The sign-in page with the message `login.problem.<words>` and a status."""

_STATES = ("state", "RelayState")


def provider_url(site: Site, name: str, purpose: Purpose) -> str:
    """Where a click on the provider's button leads."""
    asked = {"flow": purpose.waiting.handle} if purpose.waiting else {"to": purpose.to}
    return site.to(f"/login/{quote(name)}?{urlencode(asked)}")


def callback_url(site: Site, name: str) -> str:
    """Where the provider sends the browser back to: what is registered there."""
    return site.server.issuer.endpoint(f"/login/{quote(name)}/callback")


def come_back_routes(site: Site, inbound: Inbound, fail: Fail) -> list[Route]:
    """The way out and the way back."""
    turns = Turns(_LOOKED_AT_ONCE, _WAITING)

    async def leave(request: Request) -> Response:
        browser = site.browser(request)
        module = await _module(site, inbound, request)
        purpose: Purpose | Response = Purpose(None, wanted_page(request))
        if "flow" in request.query_params:
            seen = await visit(site, request, LOGIN, browser)
            purpose = Purpose(seen.waiting) if isinstance(seen, Visit) else seen
        response = (
            purpose
            if isinstance(purpose, Response)
            else await _leave(site, request, module, browser, purpose, fail)
        )
        site.guard.remember(response, browser)
        return response

    async def posted(request: Request) -> Response:
        module = await _module(site, inbound, request)
        form = await read_page_form(request)
        answer = dict(form.pairs)
        state = next((answer[name] for name in _STATES if name in answer), "")
        if not await keep_answer(site.server, state, module.name, answer):
            if isinstance(module, Describes) and module.begins_anew(answer):
                return see_other(site.to(f"/login/{quote(module.name)}"))
            raise PageRefused(400, "stale", detail="an answer that nobody waits for")
        return see_other(f"{site.to(f'/login/{quote(module.name)}/callback')}?{urlencode({'state': state})}")

    async def back(request: Request) -> Response:
        module = await _module(site, inbound, request)
        state = request.query_params.get("state", "")
        browser = site.browser(request)
        departure = await come_back(site.server, state, browser.id, module.name)
        if departure is None:
            raise PageRefused(400, "stale", detail="no departure of this browser has this state")
        return await _arrive(site, request, module, browser, departure, fail, turns)

    async def described(request: Request) -> Response:
        module: object = await _module(site, inbound, request)
        if not isinstance(module, Describes):
            raise PageRefused(404, "missing", detail="this provider needs no document of ours")
        media_type, document = await module.describe(site.server)
        return Response(document, media_type=media_type)

    return [
        Route("/login/{name}", leave, methods=["GET"]),
        Route("/login/{name}/metadata", described, methods=["GET"]),
        page_route("/login/{name}/callback", back, posted),
    ]


async def _module(site: Site, inbound: Inbound, request: Request) -> RedirectModule:
    module = await inbound.redirect_module(site.server, request.path_params["name"])
    if module is None:
        raise PageRefused(404, "missing", detail="no such provider")
    return module


async def _leave(
    site: Site, request: Request, module: RedirectModule, browser: Browser, purpose: Purpose, fail: Fail
) -> Response:
    await count_place(site.server, _DEPARTURES, caller=site.caller(request))
    state = new_handle(site.server)
    try:
        sending = await module.begin(site.server, _trip(site, module, state, purpose.waiting))
    except ModuleDown as error:
        await note_refusal(site, request, module.name, error)
        return await fail(request, browser, purpose, "down", 503)
    await depart(
        site.server,
        state,
        browser.id,
        module.name,
        flow=purpose.waiting.handle if purpose.waiting else None,
        to=purpose.to,
        kept=sending.kept,
    )
    return see_other(sending.url)


def _trip(site: Site, module: RedirectModule, state: str, waiting: Waiting | None) -> Trip:
    if waiting is None:
        return Trip(state, callback_url(site, module.name))
    asked = waiting.progress.request
    return Trip(
        state,
        callback_url(site, module.name),
        must_ask=bool({"login", "select_account"} & set(asked.prompt)),
        max_age=asked.max_age,
        login_hint=asked.login_hint,
        languages=tuple((asked.ui_locales or "").split()),
    )


async def _arrive(
    site: Site,
    request: Request,
    module: RedirectModule,
    browser: Browser,
    departure: Departure,
    fail: Fail,
    turns: Turns,
) -> Response:
    waiting = None
    if departure.flow is not None:
        try:
            waiting = await find_waiting(
                site.server, departure.flow, browser.id, site.session_cookie.read(request)
            )
        except RedirectError as refused:
            return await go_back(site, request, refused, departure.flow)
        prefer_locales(request, waiting.progress.request.ui_locales)
        dress_for(request, waiting.progress.client.client_id)
    purpose = Purpose(waiting, own_page(departure.to))
    answer = departure.answer if departure.answer is not None else dict(request.query_params)
    caller = site.caller(request)
    try:
        async with turns.take(caller):
            back = callback_url(site, module.name)
            arrival = await module.finish(site.server, answer, departure.kept, back)
        return await enter(site, request, browser, purpose, arrival)
    except Unwelcome as refusal:
        return await fail(request, browser, purpose, refusal.words, 403)
    except (ArrivalRefused, ModuleDown) as error:
        await count_place(site.server, _ANSWERS, caller=caller)
        await note_refusal(site, request, module.name, error)
        down = isinstance(error, ModuleDown)
        return await fail(request, browser, purpose, "down" if down else "arrival", 503 if down else 403)
