"""`/signup/finish`: the code that was mailed, and what the account is to be like. Then she is signed in and goes on."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.sign_ups import Answers, Problem, SignUpOver, find_sign_up, finish_sign_up
from assent.engine.arrivals import Unwelcome
from assent.identity.registration import Registration
from assent.pages.arriving import Purpose, enter
from assent.pages.journey import asking_app
from assent.pages.signup_visit import FINISH_PATH, PATH, find_flow, flow_query, show_first
from assent.records.sign_ups import SignUp
from assent.web.csrf import Browser
from assent.web.errors import PageRefused
from assent.web.forms import Form, read_page_form
from assent.web.messages import Messages
from assent.web.site import Site, page_route


def finish_routes(site: Site, registration: Registration) -> list[Route]:
    """The second page."""

    async def get(request: Request) -> Response:
        browser = site.browser(request)
        try:
            sign_up = await find_sign_up(site.server, _handle(request), browser.id)
        except SignUpOver:
            return await _begin_anew(site, request, browser)
        return await _show(site, request, browser, sign_up)

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, _purpose(request))
        waiting = await find_flow(site, request, browser)
        try:
            answer = await finish_sign_up(
                site.server,
                registration,
                _handle(request),
                browser.id,
                _answers(site, request, form),
                caller=site.caller(request),
                client_id=waiting.progress.client.client_id if waiting else None,
            )
            if isinstance(answer, Problem):
                sign_up = await find_sign_up(site.server, _handle(request), browser.id)
                return await _show(site, request, browser, sign_up, form, answer)
        except SignUpOver:
            return await _begin_anew(site, request, browser)
        try:
            return await enter(site, request, browser, Purpose(waiting, "/account"), answer)
        except Unwelcome as refusal:  # switched off between the two
            raise PageRefused(403, "denied", detail=refusal.reason) from refusal

    return [page_route(FINISH_PATH, get, post)]


async def _begin_anew(site: Site, request: Request, browser: Browser) -> Response:
    return await show_first(site, request, browser, problem="over", status=400)


def _answers(site: Site, request: Request, form: Form) -> Answers:
    return Answers(
        code=form.one("code") or "",
        username=form.one("username") or "",
        password=form.one("password") or "",
        given_name=form.one("given_name") or "",
        family_name=form.one("family_name") or "",
        locale=site.messages(request).language,
    )


async def _show(
    site: Site,
    request: Request,
    browser: Browser,
    sign_up: SignUp,
    form: Form | None = None,
    problem: Problem | None = None,
) -> Response:
    """The page, with what was wrong; what was typed stays, but for the password."""
    waiting = await find_flow(site, request, browser)
    messages = site.messages(request)
    typed = {name: (form.one(name) or "") if form else "" for name in _KEPT}
    context = {
        "page": site.view(),
        "app": await asking_app(site, waiting, messages) if waiting else None,
        "csrf": site.guard.token(browser, _purpose(request)),
        "action": site.to(FINISH_PATH + flow_query(request, id=_handle(request))),
        "email": sign_up.email,
        **typed,
        "least": site.passwords.least_length,
        "problem": _say(problem, messages) if problem else None,
        "problem_at": _FIELDS[problem.at] if problem else None,
        "again_url": site.to(PATH + flow_query(request)),
    }
    response = site.page(request, "signup_finish.html", context)
    site.guard.remember(response, browser)
    return response


_KEPT = ("code", "username", "given_name", "family_name")
_FIELDS = {
    "code": "code",
    "username": "username",
    "password": "password",
    "names": "given_name",
    "email": "code",
}
"""The field that each problem leads to."""


def _say(problem: Problem, messages: Messages) -> str:
    if problem.at == "password":
        return messages.text(f"password.flaw.{problem.words}", number=problem.number)
    return messages.text(f"signup.problem.{problem.at}_{problem.words}")


def _handle(request: Request) -> str:
    return request.query_params.get("id", "")


def _purpose(request: Request) -> str:
    return f"sign up {_handle(request)}"
