"""`/new-password`: a password of her own in place of one that somebody gave her, before anything else is open to her.

For an authorization request (`flow`) or a page of ours (`to`). Until then she is not signed in
(`engine.sessions.HalfSignedIn`), so that no other page has to look. Source: NIST SP 800-63B 5.1.1, OWASP Authentication
(passwords that are given).
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.passwords import change_password
from assent.actions.refusals import Refused
from assent.engine.authorize.resume import Waiting
from assent.engine.authorize.steps import LOGIN, NEW_PASSWORD, SECOND_FACTOR
from assent.engine.sessions import HalfSignedIn, SignedIn, end_session, find_sign_in
from assent.pages.arriving import wanted_page
from assent.pages.forgot import tell_of_change
from assent.pages.journey import Visit, asking_app, visit
from assent.pages.password_words import say_flaw
from assent.spec.errors import TooManyRequests
from assent.web.csrf import Browser
from assent.web.forms import Form, read_page_form
from assent.web.headers import allow_form_target
from assent.web.journey import advance
from assent.web.site import Site, page_route, see_other

PATH = NEW_PASSWORD.path


@dataclass(frozen=True, slots=True)
class Asked:
    """Who has to choose a password, and what for: a waiting request, or the page `to`."""

    site: Site
    request: Request
    browser: Browser
    sign_in: HalfSignedIn
    waiting: Waiting | None
    to: str

    @property
    def query(self) -> str:
        """What she wants, for this page and for signing in."""
        return f"flow={self.waiting.handle}" if self.waiting else f"to={self.to}"


def new_password_routes(site: Site) -> list[Route]:
    """The page."""

    async def get(request: Request) -> Response:
        asked = await _asked(site, request, site.browser(request))
        return await _show(asked) if isinstance(asked, Asked) else asked

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, _purpose(site, request))
        asked = await _asked(site, request, browser)
        if not isinstance(asked, Asked):
            return asked
        if form.one("decision") == "leave":
            return await _leave(asked)
        return await _change(asked, form)

    return [page_route(PATH, get, post)]


async def _asked(site: Site, request: Request, browser: Browser) -> Asked | Response:
    """Who is asked for what, or the way on where nothing is left to ask."""
    waiting: Waiting | None = None
    if "flow" in request.query_params:
        seen = await visit(site, request, NEW_PASSWORD, browser)
        if not isinstance(seen, Visit):
            return seen
        waiting = seen.waiting
    sign_in, to = await find_sign_in(site.server, site.session_cookie.read(request)), wanted_page(request)
    if sign_in is None:
        return see_other(site.to(f"{LOGIN.path}?to={to}"))
    if isinstance(sign_in, SignedIn):
        return see_other(site.to(to))
    if sign_in.lacks != "password":
        return see_other(site.to(f"{SECOND_FACTOR.path}?to={to}"))
    return Asked(site, request, browser, sign_in, waiting, to)


async def _change(asked: Asked, form: Form) -> Response:
    site, request = asked.site, asked.request
    messages = site.messages(request)
    new, again = form.one("password") or "", form.one("again")
    if again is not None and again != new:
        return await _show(asked, messages.text("password.problem.differ"))
    caller, current = site.caller(request), form.one("current") or ""
    try:
        flaw = await change_password(site.server, site.passwords, asked.sign_in, current, new, caller)
    except TooManyRequests as slow:
        response = await _show(asked, messages.text("reset.problem.slow"), "current", 429)
        response.headers["Retry-After"] = str(slow.retry_after_seconds)
        return response
    except Refused:
        return await _show(asked, messages.text("password.problem.changed"), status=409)
    if flaw is not None:
        field = "current" if flaw.words == "current" else "password"
        return await _show(asked, say_flaw(flaw, messages), field)
    tell_of_change(site, asked.sign_in.person, messages)
    if asked.waiting is None:
        return see_other(site.to(asked.to))
    cookie = site.session_cookie.read(request)
    return await advance(site, request, asked.waiting.handle, asked.browser, cookie)


async def _leave(asked: Asked) -> Response:
    """Somebody else sits here: what was begun ends, the request waits for the next to sign in."""
    site, session = asked.site, asked.sign_in.session
    caller = site.caller(asked.request)
    await end_session(site.server, session, because="not the person", actor=session.person_id, caller=caller)
    response = see_other(site.to(f"{LOGIN.path}?{asked.query}"))
    site.session_cookie.clear(response)
    return response


async def _show(
    asked: Asked, problem: str | None = None, field: str = "password", status: int = 200
) -> Response:
    site, request, waiting = asked.site, asked.request, asked.waiting
    if waiting is not None:
        allow_form_target(request, waiting.progress.request.redirect_uri)
    context: dict[str, object] = {
        "page": site.view(asked.sign_in.person),
        "csrf": site.guard.token(asked.browser, _purpose(site, request)),
        "action": site.to(f"{PATH}?{asked.query}"),
        "app": await asking_app(site, waiting, site.messages(request)) if waiting else None,
        "least": site.passwords.least_length,
        "problem": problem,
        "problem_field": field,
    }
    response = site.page(request, "new_password.html", context, status)
    site.guard.remember(response, asked.browser)
    return response


def _purpose(site: Site, request: Request) -> str:
    """What the form's token is bound to: this very sign-in, and what it is for."""
    wanted = request.query_params.get("flow") or wanted_page(request)
    return f"new password {wanted} {site.session_cookie.read(request) or ''}"
