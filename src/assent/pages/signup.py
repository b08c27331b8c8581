"""`/signup`: making an account for oneself, where that is offered. First the mail address; the rest is `signup_finish`.

The first page gives the same answer whatever address is typed; what there is to say about it is mailed. It may be begun
only from pages that the deployment names; browsers tell where they come from, so this keeps people off, not programs.
Sources: OWASP Authentication (identical answers), Fetch Metadata, Referrer Policy.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.sign_ups import Begun, begin_sign_up
from assent.identity.registration import Registration
from assent.pages.signup_finish import finish_routes
from assent.pages.signup_visit import FINISH_PATH, PATH, PURPOSE, flow_query, show_first
from assent.web.errors import PageRefused
from assent.web.forms import read_page_form
from assent.web.mails import Post, write_mail
from assent.web.origins import origin_of
from assent.web.site import Site, page_route, see_other


def signup_routes(site: Site) -> list[Route]:
    """Both pages; none where nobody may make accounts, or no mail can be sent."""
    registration, post_office = site.registration, site.post
    if registration is None or post_office is None:
        return []

    async def get(request: Request) -> Response:
        _check_referrer(site, registration, request)
        return await show_first(site, request, site.browser(request))

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, PURPOSE)
        typed = (form.one("email") or "").strip()
        begun = await begin_sign_up(site.server, registration, typed, browser.id, site.caller(request))
        if begun is None:
            return await show_first(site, request, browser, typed, "address")
        _mail(site, post_office, request, registration, typed, begun)
        return see_other(site.to(FINISH_PATH + flow_query(request, id=begun.handle)))

    return [page_route(PATH, get, post), *finish_routes(site, registration)]


def signup_url(site: Site, request: Request) -> str | None:
    """Where the sign-in page leads those who have no account; None where they may not begin there."""
    registration = site.registration
    if registration is None or site.post is None:
        return None
    if registration.referrers and not registration.referrers & site.guard.origins:
        return None
    return site.to(PATH + flow_query(request))


def _check_referrer(site: Site, registration: Registration, request: Request) -> None:
    """Raises `PageRefused` when a sign-up is not begun from one of the pages that are named."""
    if not registration.referrers:
        return
    referer = request.headers.get("referer")
    came_from = {origin_of(referer)} if referer else set()
    if request.headers.get("sec-fetch-site") == "same-origin":
        came_from |= site.guard.origins
    if not came_from & registration.referrers:
        raise PageRefused(403, "signup", detail=f"the sign-up was begun from {sorted(map(str, came_from))}")


def _mail(
    site: Site, post: Post, request: Request, registration: Registration, to: str, begun: Begun
) -> None:
    """Has the code mailed, or that there is an account; beside the answer, so that both take as long."""
    messages = site.messages(request)
    match begun.letter:
        case "code":
            minutes = registration.code_seconds // 60
            mail = write_mail(messages, "signup", to, site.organization, code=begun.code, minutes=minutes)
        case "known":
            url = site.server.issuer.endpoint("/login")
            mail = write_mail(messages, "signup_known", to, site.organization, url=url)
        case "none":
            return
    post.send_later(mail)
