"""What both pages of a sign-up share: the authorization request that waits for it, and the first page itself."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.authorize.request import PageError, RedirectError
from assent.engine.authorize.resume import Waiting, find_waiting
from assent.pages.journey import asking_app
from assent.web.csrf import Browser
from assent.web.language_choice import prefer_locales
from assent.web.site import Site
from assent.web.skins.looks import dress_for

PATH = "/signup"
FINISH_PATH = "/signup/finish"
PURPOSE = "sign up"


def flow_query(request: Request, **more: str) -> str:
    """A query that carries the waiting authorization request along."""
    flow = request.query_params.get("flow")
    pairs = {**more, **({"flow": flow} if flow else {})}
    return f"?{urlencode(pairs)}" if pairs else ""


async def find_flow(site: Site, request: Request, browser: Browser) -> Waiting | None:
    """The authorization request that she goes on with; None where there is none, or none any more."""
    flow = request.query_params.get("flow")
    if flow is None:
        return None
    try:
        waiting = await find_waiting(site.server, flow, browser.id, site.session_cookie.read(request))
    except (PageError, RedirectError):
        return None  # an account is of use without the app, too
    prefer_locales(request, waiting.progress.request.ui_locales)
    dress_for(request, waiting.progress.client.client_id)
    return waiting


async def show_first(
    site: Site,
    request: Request,
    browser: Browser,
    email: str = "",
    problem: str | None = None,
    status: int = 200,
) -> Response:
    """The page that asks for the mail address."""
    waiting = await find_flow(site, request, browser)
    messages = site.messages(request)
    context = {
        "page": site.view(),
        "app": await asking_app(site, waiting, messages) if waiting else None,
        "csrf": site.guard.token(browser, PURPOSE),
        "action": site.to(PATH + flow_query(request)),
        "email": email,
        "problem": messages.text(f"signup.problem.{problem}") if problem else None,
        "sign_in_url": site.to("/login" + (flow_query(request) or "?to=/account")),
    }
    response = site.page(request, "signup.html", context, status)
    site.guard.remember(response, browser)
    return response
