"""`/oauth/revoke`: the person's apps, each with a button that takes its access back at once."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.access.grants import AppAccess, apps_with_access, revoke_app
from assent.pages.access import app_shown, names_of, record_views
from assent.pages.own import Own, open_own, read_own_form
from assent.storage.tables import CLIENTS
from assent.web.apps import shown_name
from assent.web.errors import PageRefused
from assent.web.site import Site, page_route, see_other
from assent.web.views import AccessView

PATH = "/oauth/revoke"
NARROW_PATH = "/account/app"
PURPOSE = "revoke an app"


def revoke_routes(site: Site) -> list[Route]:
    """The page of apps with access."""

    async def get(request: Request) -> Response:
        own = await open_own(site, request, PATH)
        return await _show(own) if isinstance(own, Own) else own

    async def post(request: Request) -> Response:
        read = await read_own_form(site, request, PURPOSE, PATH)
        if isinstance(read, Response):
            return read
        form, own = read
        client_id = form.one("client_id")
        if form.one("decision") != "revoke" or not client_id:
            raise PageRefused(400, "request", detail="client_id or decision is missing")
        person = own.person
        await revoke_app(site.server, person, client_id, caller=site.caller(request), actor=person.person_id)
        return see_other(site.to(f"{PATH}?{urlencode({'done': client_id})}"))

    return [page_route(PATH, get, post)]


async def _show(own: Own) -> Response:
    site, apps = own.site, await apps_with_access(own.site.server, own.person)
    names = await names_of(own, [record.patient for app in apps for record in app.records])
    context: dict[str, object] = {
        "csrf": own.csrf(PURPOSE),
        "action": site.to(PATH),
        "accesses": tuple([await _view(own, one, names) for one in apps]),
        "done": await _say_done(own, {one.client_id for one in apps}),
        "account_url": site.to("/account"),
        "sign_out_url": site.to("/oauth/logout"),
    }
    return own.show("revoke.html", context)


async def _say_done(own: Own, has_access: set[str]) -> str | None:
    """What was just done, where it is so: the address alone proves nothing."""
    for done, key in (("done", "revoke.done"), ("narrowed", "narrow.done")):
        client = await own.site.server.storage.get(CLIENTS, own.request.query_params.get(done, ""))
        if client is not None and (client.client_id in has_access) == (done == "narrowed"):
            return own.messages.text(key, app=shown_name(client))
    return None


async def _view(own: Own, access: AppAccess, names: dict[str, str]) -> AccessView:
    return AccessView(
        client_id=access.client_id,
        app=await app_shown(own, access.client_id, access.client),
        records=record_views(own, access, names),
        narrow_url=own.site.to(f"{NARROW_PATH}?{urlencode({'client_id': access.client_id})}"),
    )
