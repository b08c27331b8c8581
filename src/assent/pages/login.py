"""`/login`: who is it? For an authorization request (`flow`), or for a page of the person's own (`to`)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.resume import Waiting, find_waiting, settle_login
from assent.engine.authorize.steps import LOGIN
from assent.engine.sessions import begin_session
from assent.identity import PasswordModule
from assent.pages.journey import Visit, app_view, form_of, form_purpose, visit
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.web.csrf import Browser
from assent.web.forms import read_page_form
from assent.web.headers import add_header
from assent.web.journey import advance, go_back
from assent.web.language_choice import prefer_locales
from assent.web.site import Site, page_route, see_other

OWN_PAGES = ("/oauth/revoke",)
DEFAULT_PAGE = OWN_PAGES[0]


def login_routes(site: Site, module: PasswordModule) -> list[Route]:
    """The sign-in page."""

    async def get(request: Request) -> Response:
        browser = site.browser(request)
        if "flow" not in request.query_params:
            response = _show_own(site, request, browser, _wanted(request))
        else:
            seen = await visit(site, request, LOGIN, browser)
            response = _show(site, seen) if isinstance(seen, Visit) else seen
        site.guard.remember(response, browser)
        return response

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        handle = request.query_params.get("flow")
        browser = site.guard.check_form(request, form, _purpose(site, request))
        username, password = form.one("username") or "", form.one("password") or ""
        waiting = None
        if handle is not None:
            try:
                waiting = await find_waiting(
                    site.server, handle, browser.id, site.session_cookie.read(request)
                )
            except RedirectError as refused:
                return await go_back(site, request, refused, handle)
            prefer_locales(request, waiting.progress.request.ui_locales)
        try:
            person = await module.sign_in(site.server, username, password, site.caller(request))
        except TooManyRequests as slow:
            response = _again(site, request, browser, waiting, username, "slow", 429)
            response.headers["Retry-After"] = str(slow.retry_after_seconds)
            return response
        if person is None:
            return _again(site, request, browser, waiting, username, "wrong", 200)
        return await _enter(site, request, browser, waiting, person)

    return [page_route("/login", get, post)]


async def _enter(
    site: Site, request: Request, browser: Browser, waiting: Waiting | None, person: Person
) -> Response:
    """Begins the session under a new id and goes on."""
    old = site.session_cookie.read(request)
    cookie, session = await begin_session(site.server, person, ("pwd",), site.caller(request), old)
    # on whatever answers: she is signed in, also when the FHIR server is down for the next page
    add_header(request, "set-cookie", site.session_cookie.header(cookie))
    if waiting is None:
        return see_other(site.to(_wanted(request)))
    await settle_login(site.server, waiting, session)
    return await advance(site, request, waiting.handle, browser, cookie)


def _show(site: Site, seen: Visit, username: str | None = None, problem: str | None = None) -> Response:
    asked = seen.waiting.progress.request
    context = {
        **form_of(site, LOGIN, seen),
        "page": site.view(),
        "app": app_view(seen.waiting.progress.client, seen.messages),
        "username": username if username is not None else asked.login_hint or "",
        "problem": seen.messages.text(f"login.problem.{problem}") if problem else None,
        "providers": (),
    }
    return site.page(seen.request, "login.html", context)


def _show_own(
    site: Site,
    request: Request,
    browser: Browser,
    wanted: str,
    username: str = "",
    problem: str | None = None,
) -> Response:
    messages = site.messages(request)
    context = {
        "action": site.to(f"/login?to={wanted}"),
        "csrf": site.guard.token(browser, _own_purpose(wanted)),
        "page": site.view(),
        "app": None,
        "username": username,
        "problem": messages.text(f"login.problem.{problem}") if problem else None,
        "providers": (),
    }
    return site.page(request, "login.html", context)


def _again(
    site: Site,
    request: Request,
    browser: Browser,
    waiting: Waiting | None,
    username: str,
    problem: str,
    status: int,
) -> Response:
    """The page once more, with what was wrong; never saying whether the name exists."""
    if waiting is None:
        response = _show_own(site, request, browser, _wanted(request), username, problem)
    else:
        seen = Visit(request, browser, waiting, site.messages(request))
        response = _show(site, seen, username, problem)
    response.status_code = status
    return response


def _wanted(request: Request) -> str:
    """The page of ours that the person wanted: one of a list, never a URL from outside."""
    wanted = request.query_params.get("to", DEFAULT_PAGE)
    return wanted if wanted in OWN_PAGES else DEFAULT_PAGE


def _purpose(site: Site, request: Request) -> str:
    handle = request.query_params.get("flow")
    return (
        form_purpose(site, request, LOGIN, handle) if handle is not None else _own_purpose(_wanted(request))
    )


def _own_purpose(wanted: str) -> str:
    return f"sign in for {wanted}"
