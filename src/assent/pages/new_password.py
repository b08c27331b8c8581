"""`/new-password`: a password of her own in place of one that somebody gave her, before anything else is open to her.

For an authorization request (`flow`) or a page of ours (`to`). Until then she is not signed in
(`engine.sessions.HalfSignedIn`), so that no other page has to look. Source: NIST SP 800-63B 5.1.1, OWASP Authentication
(passwords that are given).
"""

from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.passwords import change_password
from assent.actions.refusals import Refused
from assent.engine.authorize.steps import NEW_PASSWORD, SECOND_FACTOR
from assent.engine.sessions import SignedIn
from assent.pages.forgot import tell_of_change
from assent.pages.password_words import say_flaw
from assent.pages.stopped import Stopped, leave, show_stopped, stopped_route
from assent.spec.errors import TooManyRequests
from assent.web.forms import Form
from assent.web.journey import advance
from assent.web.site import Site, see_other


def new_password_routes(site: Site) -> list[Route]:
    """The page."""
    return [stopped_route(site, NEW_PASSWORD, _answer)]


async def _answer(asked: Stopped, form: Form | None) -> Response:
    site, sign_in = asked.site, asked.sign_in
    if isinstance(sign_in, SignedIn):
        return see_other(site.to(asked.to))
    if sign_in.lacks != "password":
        return see_other(site.to(f"{SECOND_FACTOR.path}?to={asked.to}"))
    if form is None:
        return await _show(asked)
    if form.one("decision") == "leave":
        return await leave(asked)
    return await _change(asked, form)


async def _change(asked: Stopped, form: Form) -> Response:
    site, request, messages = asked.site, asked.request, asked.messages
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


async def _show(
    asked: Stopped, problem: str | None = None, field: str = "password", status: int = 200
) -> Response:
    own = {"least": asked.site.passwords.least_length, "problem": problem, "problem_field": field}
    return await show_stopped(asked, "new_password.html", own, status)
