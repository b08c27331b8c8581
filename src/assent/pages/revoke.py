"""`/oauth/revoke`: the person's apps, each with a button that takes its access back at once."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.grants import AppAccess, apps_with_access, revoke_app
from assent.engine.sessions import SignedIn, find_session
from assent.pages.journey import app_view
from assent.records.clients import Client
from assent.storage.tables import CLIENTS
from assent.web.csrf import Browser
from assent.web.dates import say_instant
from assent.web.errors import PageRefused
from assent.web.forms import read_page_form
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other
from assent.web.views import AccessView
from assent.web.words import describe_scope

PATH = "/oauth/revoke"
PURPOSE = "revoke an app"


def revoke_routes(site: Site) -> list[Route]:
    """The page of apps with access."""

    async def get(request: Request) -> Response:
        signed_in = await find_session(site.server, site.session_cookie.read(request))
        if signed_in is None:
            return see_other(site.to(f"/login?to={PATH}"))
        browser = site.browser(request)
        response = await _show(site, request, browser, signed_in)
        site.guard.remember(response, browser)
        return response

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        site.guard.check_form(request, form, PURPOSE)
        signed_in = await find_session(site.server, site.session_cookie.read(request))
        if signed_in is None:
            return see_other(site.to(f"/login?to={PATH}"))
        client_id = form.one("client_id")
        if form.one("decision") != "revoke" or not client_id:
            raise PageRefused(400, "request", detail="client_id or decision is missing")
        person = signed_in.person
        await revoke_app(site.server, person, client_id, caller=site.caller(request), actor=person.person_id)
        return see_other(site.to(f"{PATH}?{urlencode({'done': client_id})}"))

    return [page_route(PATH, get, post)]


async def _show(site: Site, request: Request, browser: Browser, signed_in: SignedIn) -> Response:
    messages = site.messages(request)
    apps = await apps_with_access(site.server, signed_in.person)
    accesses = [await _view(site, one, signed_in, messages) for one in apps]
    done = await site.server.storage.get(CLIENTS, request.query_params.get("done", ""))
    context = {
        "page": site.view(signed_in.person),
        "csrf": site.guard.token(browser, PURPOSE),
        "action": site.to(PATH),
        "accesses": tuple(accesses),
        "done": app_view(done, messages).name
        if done and done.client_id not in {one.client_id for one in apps}
        else None,
    }
    return site.page(request, "revoke.html", context)


async def _view(site: Site, access: AppAccess, signed_in: SignedIn, messages: Messages) -> AccessView:
    shown = access.client or Client(access.client_id, access.client_id)
    ends = access.until is not None and not all(grant.online for grant in access.grants)
    used = max(grant.last_used_at for grant in access.grants)
    return AccessView(
        client_id=access.client_id,
        app=app_view(shown, messages),
        titles=tuple(describe_scope(scope, messages).title for scope in access.scope),
        since=say_instant(access.since, messages),
        last_used=say_instant(used, messages) if used else None,
        until=say_instant(access.until, messages) if ends and access.until else None,
        subject=await _subjects(site, access.patients, signed_in),
    )


async def _subjects(site: Site, patients: tuple[str, ...], signed_in: SignedIn) -> str | None:
    """Whose records these grants reach, other than the person's own."""
    own = (signed_in.person.fhir_user or "").removeprefix("Patient/")
    others = [patient for patient in patients if patient != own]
    cards = await site.records.describe_patients(others[:10])
    return ", ".join(card.name for card in cards) or None
