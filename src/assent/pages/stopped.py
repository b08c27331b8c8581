"""What the pages share that stop somebody who has signed in: something is left before she gets where she is going.

She goes to an authorization request (`flow`) or to a page of ours (`to`), or leaves the place to somebody else. Owns
the form's protection and where it goes; what is left, and how it is settled, is each page's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.resume import Waiting
from assent.engine.authorize.steps import LOGIN, Step
from assent.engine.sessions import SomeSignIn, end_session, find_sign_in
from assent.pages.arriving import wanted_page
from assent.pages.journey import Visit, asking_app, visit
from assent.web.csrf import Browser
from assent.web.forms import Form, read_page_form
from assent.web.headers import allow_form_target
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other


@dataclass(frozen=True, slots=True)
class Stopped:
    """Who is stopped at which step, and on her way where: to a waiting request, or the page `to`."""

    site: Site
    request: Request
    browser: Browser
    step: Step
    sign_in: SomeSignIn
    waiting: Waiting | None
    to: str

    @property
    def messages(self) -> Messages:
        """The texts in her language."""
        return self.site.messages(self.request)

    @property
    def url(self) -> str:
        """This page, for what she wants."""
        return self.at(self.step)

    def at(self, step: Step) -> str:
        """The page of a step, for what she wants."""
        asked = f"flow={self.waiting.handle}" if self.waiting else f"to={self.to}"
        return self.site.to(f"{step.path}?{asked}")


Answer = Callable[[Stopped, Form | None], Awaitable[Response]]


def stopped_route(site: Site, step: Step, answer: Answer) -> Route:
    """The page of a step: `answer` to whoever is stopped there, with the form that she posted."""

    async def get(request: Request) -> Response:
        stopped = await _find(site, request, step, site.browser(request))
        return await answer(stopped, None) if isinstance(stopped, Stopped) else stopped

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, _purpose(site, request, step))
        stopped = await _find(site, request, step, browser)
        return await answer(stopped, form) if isinstance(stopped, Stopped) else stopped

    return page_route(step.path, get, post)


async def show_stopped(
    stopped: Stopped, template: str, own: Mapping[str, object], status: int = 200
) -> Response:
    """The page: what every such page has, and what is its own."""
    site, request, waiting = stopped.site, stopped.request, stopped.waiting
    if waiting is not None:
        allow_form_target(request, waiting.progress.request.redirect_uri)
    context: dict[str, object] = {
        "page": site.view(stopped.sign_in.person),
        "csrf": site.guard.token(stopped.browser, _purpose(site, request, stopped.step)),
        "action": stopped.url,
        "app": await asking_app(site, waiting, stopped.messages) if waiting else None,
    }
    response = site.page(request, template, context | dict(own), status)
    site.guard.remember(response, stopped.browser)
    return response


async def leave(stopped: Stopped) -> Response:
    """Somebody else sits here: what was begun ends, the request waits for the next to sign in."""
    site, session = stopped.site, stopped.sign_in.session
    caller = site.caller(stopped.request)
    await end_session(site.server, session, because="not the person", actor=session.person_id, caller=caller)
    response = see_other(stopped.at(LOGIN))
    site.session_cookie.clear(response)
    return response


async def _find(site: Site, request: Request, step: Step, browser: Browser) -> Stopped | Response:
    waiting: Waiting | None = None
    if "flow" in request.query_params:
        seen = await visit(site, request, step, browser)
        if not isinstance(seen, Visit):
            return seen
        waiting = seen.waiting
        sign_in: SomeSignIn | None = waiting.progress.half or waiting.progress.signed_in
    else:
        sign_in = await find_sign_in(site.server, site.session_cookie.read(request))
    to = wanted_page(request)
    if sign_in is None:
        return see_other(site.to(f"{LOGIN.path}?to={to}"))
    return Stopped(site, request, browser, step, sign_in, waiting, to)


def _purpose(site: Site, request: Request, step: Step) -> str:
    """What the form's token is bound to: this very sign-in, and what it is for."""
    wanted = request.query_params.get("flow") or wanted_page(request)
    return f"{step.name} {wanted} {site.session_cookie.read(request) or ''}"
