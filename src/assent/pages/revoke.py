"""`/oauth/revoke`: the person's apps, each with a button that takes its access back at once."""

from collections import defaultdict
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.scope import cached_scopes
from assent.engine.revocation import revoke_grant
from assent.engine.sessions import SignedIn, find_session
from assent.pages.journey import app_view
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.spec.scope_sets import ScopeSet
from assent.storage.tables import CLIENTS, GRANTS
from assent.web.csrf import Browser
from assent.web.dates import say_instant
from assent.web.errors import PageRefused
from assent.web.forms import read_page_form
from assent.web.messages import Messages
from assent.web.site import Site, see_other
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
        for grant in await live_grants(site, signed_in, client_id):
            await revoke_grant(
                site.server,
                grant.grant_id,
                because="the person took it back",
                client_id=client_id,
                person_id=signed_in.person.person_id,
                actor=signed_in.person.username,
                caller=site.caller(request),
            )
        return see_other(site.to(f"{PATH}?{urlencode({'done': client_id})}"))

    return [Route(PATH, get, methods=["GET"]), Route(PATH, post, methods=["POST"])]


async def live_grants(site: Site, signed_in: SignedIn, client_id: str | None = None) -> list[Grant]:
    """The person's grants that hold, of one client or of all, the newest first."""
    where: dict[str, str | int] = {"person_id": signed_in.person.person_id, "revoked_at": 0}
    if client_id is not None:
        where["client_id"] = client_id
    grants = await site.server.storage.find(GRANTS, where, limit=10_000)
    now, settings = site.server.now(), site.server.settings
    holding = [
        grant
        for grant in grants
        if now < max(grant.expires_at, grant.created_at + settings.access_token_seconds)
    ]
    return sorted(holding, key=lambda grant: grant.created_at, reverse=True)


async def _show(site: Site, request: Request, browser: Browser, signed_in: SignedIn) -> Response:
    messages = site.messages(request)
    by_client: dict[str, list[Grant]] = defaultdict(list)
    for grant in await live_grants(site, signed_in):
        by_client[grant.client_id].append(grant)
    accesses = []
    for client_id, grants in by_client.items():
        client = await site.server.storage.get(CLIENTS, client_id)
        shown = client or Client(client_id, client_id)
        accesses.append(await _access(site, shown, grants, signed_in, messages))
    done = await site.server.storage.get(CLIENTS, request.query_params.get("done", ""))
    context = {
        "page": site.view(signed_in.person),
        "csrf": site.guard.token(browser, PURPOSE),
        "action": site.to(PATH),
        "accesses": tuple(accesses),
        "done": app_view(done, messages).name if done and done.client_id not in by_client else None,
    }
    return site.page(request, "revoke.html", context)


async def _access(
    site: Site, client: Client, grants: list[Grant], signed_in: SignedIn, messages: Messages
) -> AccessView:
    scope = ScopeSet()
    for grant in grants:
        scope = scope.join(cached_scopes(grant.scope).scopes)
    last_used = max(grant.last_used_at for grant in grants)
    lasting = [grant.expires_at for grant in grants if grant.expires_at and not grant.online]
    return AccessView(
        client_id=client.client_id,
        app=app_view(client, messages),
        titles=tuple(describe_scope(one, messages).title for one in scope),
        since=say_instant(min(grant.created_at for grant in grants), messages),
        last_used=say_instant(last_used, messages) if last_used else None,
        until=say_instant(max(lasting), messages) if lasting else None,
        subject=await _subjects(site, grants, signed_in),
    )


async def _subjects(site: Site, grants: list[Grant], signed_in: SignedIn) -> str | None:
    """Whose records these grants reach, other than the person's own."""
    own = (signed_in.person.fhir_user or "").removeprefix("Patient/")
    patients = dict.fromkeys(str(grant.context["patient"]) for grant in grants if "patient" in grant.context)
    others = [patient for patient in patients if patient != own]
    cards = await site.records.describe_patients(others[:10])
    return ", ".join(card.name for card in cards) or None
