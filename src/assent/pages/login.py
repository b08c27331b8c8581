"""`/login`: who is it? For an authorization request (`flow`), or for a page of the person's own (`to`).

The modules that may sign people in are offered in their order. Where there is one, and it is elsewhere, the browser
goes straight there; who a trusted proxy names is not asked at all.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.arrivals import Unwelcome
from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.resume import find_waiting
from assent.engine.authorize.steps import LOGIN, SECOND_FACTOR
from assent.engine.rate_limits import RateLimit, count_place
from assent.identity import ArrivalRefused, Inbound, ModuleBusy, ModuleDown, Refused
from assent.identity.guarded import mark_device
from assent.identity.second_factor.passkeys import PasskeyRefused
from assent.pages.arriving import Purpose, enter, note_refusal, wanted_page
from assent.pages.forgot import forgot_url
from assent.pages.journey import Visit, asking_app, form_of, form_purpose, visit
from assent.pages.passkeys import MODULE, arrive_by_passkey, arriving_options
from assent.pages.providers import come_back_routes, provider_url
from assent.pages.signup import signup_url
from assent.pages.unlock import tell_of_lock
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.web.csrf import Browser
from assent.web.errors import reference_of
from assent.web.forms import Form, read_page_form
from assent.web.headers import add_header, request_id
from assent.web.journey import go_back
from assent.web.language_choice import prefer_locales
from assent.web.peers import peer_of
from assent.web.site import Site, page_route, see_other
from assent.web.skins.looks import dress_for
from assent.web.views import ModuleView, ProviderView

_WRONG_PASSKEYS: Final = RateLimit("wrong_passkeys", 60, 60)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the page is shown again: the message `login.problem.<words>`, and what was typed."""

    words: str
    username: str = ""
    module: str | None = None
    status: int = 200


def login_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The sign-in page, and the ways to providers and back."""

    async def get(request: Request) -> Response:
        browser = site.browser(request)
        purpose = await _purpose(site, request, browser)
        if isinstance(purpose, Response):
            response = purpose
        else:
            response = await _ask(site, inbound, request, browser, purpose)
        site.guard.remember(response, browser)
        return response

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, _token_purpose(site, request))
        handle = request.query_params.get("flow")
        waiting = None
        if handle is not None:
            try:
                waiting = await find_waiting(
                    site.server, handle, browser.id, site.session_cookie.read(request)
                )
            except RedirectError as refused:
                return await go_back(site, request, refused, handle)
            prefer_locales(request, waiting.progress.request.ui_locales)
            dress_for(request, waiting.progress.client.client_id)
        purpose = Purpose(waiting, wanted_page(request))
        answer = await _answered(site, inbound, request, form, browser)
        if isinstance(answer, Arrival):
            try:
                return await enter(site, request, browser, purpose, answer)
            except Unwelcome as refusal:
                answer = Problem(refusal.words, answer.username, answer.module)
        return await show_login(site, inbound, request, browser, purpose, answer)

    async def fail(request: Request, browser: Browser, purpose: Purpose, words: str, status: int) -> Response:
        return await show_login(site, inbound, request, browser, purpose, Problem(words, status=status))

    return [page_route("/login", get, post), *come_back_routes(site, inbound, fail)]


async def _purpose(site: Site, request: Request, browser: Browser) -> Purpose | Response:
    """What the sign-in is for, or the way on where none is needed."""
    if "flow" not in request.query_params:
        return Purpose(None, wanted_page(request))
    # `again`: whoever is signed in signs in once more, before setting up a second factor
    step = SECOND_FACTOR if "again" in request.query_params else LOGIN
    seen = await visit(site, request, step, browser)
    return Purpose(seen.waiting) if isinstance(seen, Visit) else seen


async def _ask(
    site: Site, inbound: Inbound, request: Request, browser: Browser, purpose: Purpose
) -> Response:
    """Lets in whom a trusted proxy names, sends to the only provider, or shows the page."""
    try:
        for module in () if _must_ask(purpose) else inbound.headers:
            arrival = await module.recognise(site.server, request.headers, peer_of(request))
            if arrival is not None:
                return await enter(site, request, browser, purpose, arrival)
    except Unwelcome as refusal:
        return await show_login(site, inbound, request, browser, purpose, Problem(refusal.words, status=403))
    except (ArrivalRefused, ModuleDown) as error:
        await note_refusal(site, request, "header", error)
        return await show_login(site, inbound, request, browser, purpose, Problem("arrival", status=403))
    if not inbound.passwords:
        providers = await inbound.redirects(site.server)
        if len(providers) == 1:
            return see_other(provider_url(site, providers[0].name, purpose))
    return await show_login(site, inbound, request, browser, purpose)


def _must_ask(purpose: Purpose) -> bool:
    """Whether she has to prove anew who she is: a proxy only says who is signed in there."""
    if purpose.waiting is None:
        return False
    asked = purpose.waiting.progress.request
    return asked.max_age is not None or bool({"login", "select_account"} & set(asked.prompt))


async def _answered(
    site: Site, inbound: Inbound, request: Request, form: Form, browser: Browser
) -> Arrival | Problem:
    """Who it is by what was posted: a passkey, or else a password."""
    passkey = form.one("passkey")
    if passkey is None:
        return await _check(site, inbound, request, form)
    try:
        arrival = await arrive_by_passkey(site, browser, passkey)
    except PasskeyRefused as error:
        await count_place(site.server, _WRONG_PASSKEYS, caller=site.caller(request))
        await note_refusal(site, request, MODULE, error)
        return Problem("passkey")
    return arrival


async def _check(site: Site, inbound: Inbound, request: Request, form: Form) -> Arrival | Problem:
    """Asks the module that the form names."""
    username, password = form.one("username") or "", form.one("password") or ""
    module = inbound.password_module(form.one("module"))
    if module is None:
        return Problem("wrong", username)
    try:
        answer = await module.sign_in(site.server, username, password, site.caller(request))
    except TooManyRequests as slow:
        request.state.retry_after = slow.retry_after_seconds
        return Problem("slow", username, module.name, 429)
    except ModuleBusy as busy:
        await note_refusal(site, request, module.name, busy)
        request.state.retry_after = busy.retry_after_seconds
        return Problem("busy", username, module.name, 503)
    except ModuleDown as error:
        await note_refusal(site, request, module.name, error)
        return Problem("down", username, module.name, 503)
    if isinstance(answer, Refused):
        if answer.is_locked:
            await tell_of_lock(site, request, answer.person_id)
        return Problem("wrong", username, module.name)
    add_header(request, "set-cookie", site.device_cookie.header(mark_device(site.server, answer, username)))
    return answer


async def show_login(
    site: Site,
    inbound: Inbound,
    request: Request,
    browser: Browser,
    purpose: Purpose,
    problem: Problem | None = None,
) -> Response:
    """The page, with what was wrong; never saying whether a name exists."""
    messages, waiting = site.messages(request), purpose.waiting
    if waiting is None:
        form: dict[str, object] = {
            "action": site.to(f"/login?to={purpose.to}"),
            "csrf": site.guard.token(browser, _own_purpose(purpose.to)),
        }
    else:
        form = form_of(site, LOGIN, Visit(request, browser, waiting, messages))
    hint = waiting.progress.request.login_hint if waiting else None
    chosen = problem.module if problem else None
    reference = reference_of(request_id(request.scope))
    context = {
        **form,
        "page": site.view(),
        "app": await asking_app(site, waiting, messages) if waiting else None,
        "username": problem.username if problem else hint or "",
        "problem": messages.text(f"login.problem.{problem.words}", reference=reference) if problem else None,
        "modules": tuple(
            ModuleView(
                module.name, module.title or messages.text("login.module.local"), module.name == chosen
            )
            for module in inbound.passwords
        ),
        "by_proxy": bool(inbound.headers),
        "passkey_options": arriving_options(site, request, browser),
        "forgot_url": forgot_url(site, request),
        "signup_url": signup_url(site, request),
        "providers": tuple(
            ProviderView(module.title, provider_url(site, module.name, purpose))
            for module in await inbound.redirects(site.server)
        ),
    }
    response = site.page(request, "login.html", context, problem.status if problem else 200)
    wait = getattr(request.state, "retry_after", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _token_purpose(site: Site, request: Request) -> str:
    handle = request.query_params.get("flow")
    return (
        form_purpose(site, request, LOGIN, handle)
        if handle is not None
        else _own_purpose(wanted_page(request))
    )


def _own_purpose(wanted: str) -> str:
    return f"sign in for {wanted}"
