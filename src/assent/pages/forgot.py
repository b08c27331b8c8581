"""`/forgot-password`: a code by mail, and a new password with it, where mail can be sent.

The answer to the first page is the same whoever is named, and so is the time that it takes: what is mailed is mailed
beside it. Nobody is signed in by a new password; the sign-in that follows asks for the second factor as ever.
Source: OWASP Forgot Password.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.password_codes import Requested, is_over, request_code, show_code
from assent.actions.accounts.passwords import reset_password
from assent.actions.refusals import Refused
from assent.identity.local.policy import Flaw
from assent.pages.arriving import wanted_page
from assent.pages.password_words import say_flaw
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.web.dates import say_duration
from assent.web.forms import Form, read_page_form
from assent.web.mails import Mail, Post, messages_for, write_mail
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other

PATH: Final = "/forgot-password"
CODE_PATH: Final = f"{PATH}/code"
DONE_PATH: Final = f"{PATH}/done"
_PURPOSE: Final = "forgotten password"
_HANDLE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_FLOW: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_NOBODY: Final = Person("", "nobody", "nobody", email="nobody@nowhere.invalid")


@dataclass(frozen=True, slots=True)
class Office:
    """A site where passwords can be reset: with what sends mail, and how long a code is good (seconds)."""

    site: Site
    post: Post
    seconds: int


def forgot_url(site: Site, request: Request) -> str | None:
    """Where one says that one forgot her password, to come back to where one signs in; None where there is no way."""
    return site.to(f"{PATH}?{way_back(request)}") if site.reset_seconds is not None else None


def forgot_routes(site: Site) -> list[Route]:
    """The pages; none where no mail can be sent."""
    if site.post is None or site.reset_seconds is None:
        return []
    office = Office(site, site.post, site.reset_seconds)

    async def get(request: Request) -> Response:
        return _ask(site, request)

    async def post(request: Request) -> Response:
        return await _send(office, request)

    async def get_code(request: Request) -> Response:
        handle = _handle(request)
        if handle is not None and await is_over(site.server, handle):
            return _say_over(site, request)
        return _ask_code(office, request)

    async def post_code(request: Request) -> Response:
        return await _reset(office, request)

    async def done(request: Request) -> Response:
        return _say_done(site, request)

    return [
        page_route(PATH, get, post),
        page_route(CODE_PATH, get_code, post_code),
        Route(DONE_PATH, done, methods=["GET"]),
    ]


def way_back(request: Request) -> str:
    """The query by which the sign-in page is found again: of its request, or of a page of ours. Never a URL."""
    flow = request.query_params.get("flow", "")
    return urlencode({"flow": flow} if _FLOW.fullmatch(flow) else {"to": wanted_page(request)})


def _sign_in_url(site: Site, request: Request) -> str:
    return site.to(f"/login?{way_back(request)}")


def _ask(
    site: Site, request: Request, typed: str = "", problem: str | None = None, status: int = 200
) -> Response:
    browser, messages = site.browser(request), site.messages(request)
    context = {
        "page": site.view(),
        "csrf": site.guard.token(browser, _PURPOSE),
        "action": site.to(f"{PATH}?{way_back(request)}"),
        "username": typed,
        "problem": messages.text(f"forgot.problem.{problem}") if problem else None,
        "sign_in_url": _sign_in_url(site, request),
    }
    response = site.page(request, "forgot.html", context, status)
    site.guard.remember(response, browser)
    return response


async def _send(office: Office, request: Request) -> Response:
    """Asks for a code, and goes on in the same way whoever was named."""
    site = office.site
    form = await read_page_form(request)
    browser = site.guard.check_form(request, form, _PURPOSE)
    typed = (form.one("username") or "").strip()
    if not typed:
        return _ask(site, request, problem="empty")
    try:
        requested = await request_code(site.server, typed, browser.id, office.seconds, site.caller(request))
    except TooManyRequests as slow:
        response = _ask(site, request, typed, "slow", 429)
        response.headers["Retry-After"] = str(slow.retry_after_seconds)
        return response
    mail = _write(office, requested, site.messages(request))
    if requested.person is not None or requested.namesakes:
        office.post.send_later(mail)
    query = urlencode({"request": requested.handle})
    return see_other(site.to(f"{CODE_PATH}?{query}&{way_back(request)}"))


def _write(office: Office, requested: Requested, otherwise: Messages) -> Mail:
    """What is mailed; for nobody a mail is written as well, and thrown away."""
    site, people = office.site, requested.namesakes
    person = people[0] if people else requested.person or _NOBODY
    messages = messages_for(person, site.looks.own.language.languages, otherwise)
    to = person.email or ""
    if people:
        names = ", ".join(one.username for one in people)
        return write_mail(messages, "several", to, site.organization, usernames=names)
    return write_mail(
        messages,
        "code",
        to,
        site.organization,
        person_id=person.person_id,
        username=person.username,
        code=show_code(requested.code),
        duration=say_duration(office.seconds, messages),
    )


def _ask_code(
    office: Office,
    request: Request,
    form: Form | None = None,
    problem: str | None = None,
    at: str = "password",
    status: int = 200,
) -> Response:
    site, handle = office.site, _handle(request)
    if handle is None:
        return see_other(site.to(f"{PATH}?{way_back(request)}"))
    browser, messages = site.browser(request), site.messages(request)
    by_mail = request.query_params.get("by") == "mail"
    query = urlencode({"request": handle} | ({"by": "mail"} if by_mail else {}))
    context = {
        "page": site.view(),
        "csrf": site.guard.token(browser, _purpose(handle)),
        "action": site.to(f"{CODE_PATH}?{query}&{way_back(request)}"),
        "code": (form.one("code") or "")[:20] if form else "",
        "stop_apps": form is not None and form.one("stop_apps") is not None,
        "lasts": None if by_mail else say_duration(office.seconds, messages),
        "least": site.passwords.least_length,
        "problem": problem,
        "problem_field": at,
        "again_url": site.to(f"{PATH}?{way_back(request)}"),
    }
    response = site.page(request, "reset.html", context, status)
    site.guard.remember(response, browser)
    return response


async def _reset(office: Office, request: Request) -> Response:
    site, handle = office.site, _handle(request)
    form = await read_page_form(request)
    browser = site.guard.check_form(request, form, _purpose(handle or ""))
    messages = site.messages(request)
    new, again = form.one("password") or "", form.one("again")
    if again is not None and again != new:
        return _ask_code(office, request, form, messages.text("password.problem.differ"))
    try:
        done = await reset_password(
            site.server,
            site.passwords,
            handle or "",
            form.one("code") or "",
            new,
            browser.id,
            site.caller(request),
            stop_apps=form.one("stop_apps") is not None,
        )
    except TooManyRequests as slow:
        response = _ask_code(office, request, form, messages.text("reset.problem.slow"), status=429)
        response.headers["Retry-After"] = str(slow.retry_after_seconds)
        return response
    except Refused:
        return _ask_code(office, request, form, messages.text("password.problem.changed"), status=409)
    if isinstance(done, Flaw):
        if done.words == "code":
            if handle is not None and await is_over(site.server, handle):
                return _say_over(site, request)
            return _ask_code(office, request, form, messages.text("reset.problem.code"), "code")
        return _ask_code(office, request, form, say_flaw(done, messages))
    tell_of_change(site, done, messages)
    return see_other(site.to(f"{DONE_PATH}?{way_back(request)}"))


def tell_of_change(site: Site, person: Person, otherwise: Messages) -> None:
    """Mails a person that her password was changed, where that can be done: it may not have been her."""
    if site.post is None or not person.email:
        return
    messages = messages_for(person, site.looks.own.language.languages, otherwise)
    mail = write_mail(
        messages,
        "changed",
        person.email,
        site.organization,
        person_id=person.person_id,
        username=person.username,
    )
    site.post.send_later(mail)


def _say_done(site: Site, request: Request) -> Response:
    messages = site.messages(request)
    context = {
        "page": site.view(),
        "title": messages.text("reset.done"),
        "text": messages.text("reset.done_text"),
        "link_url": _sign_in_url(site, request),
        "link_text": messages.text("reset.done_sign_in"),
    }
    return site.page(request, "told.html", context)


def _say_over(site: Site, request: Request) -> Response:
    messages = site.messages(request)
    context = {
        "page": site.view(),
        "title": messages.text("reset.over"),
        "text": messages.text("reset.over_text"),
        "link_url": site.to(f"{PATH}?{way_back(request)}"),
        "link_text": messages.text("reset.over_again"),
    }
    return site.page(request, "told.html", context, 410)


def _handle(request: Request) -> str | None:
    handle = request.query_params.get("request", "")
    return handle if _HANDLE.fullmatch(handle) else None


def _purpose(handle: str) -> str:
    return f"new password {handle}"
