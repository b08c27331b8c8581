"""`/account/app`: one app of hers, and what it may keep; what she unticks is gone at once."""

from itertools import groupby
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.access.grants import AppAccess, find_access
from assent.actions.access.narrowing import StillGiven, choices_of, narrow_app
from assent.actions.refusals import Refused
from assent.engine.authorize.scope import cached_definition
from assent.pages.access import app_shown, is_reader, names_of, record_name, scope_titles
from assent.pages.own import Own, open_own, read_own_form
from assent.pages.revoke import NARROW_PATH
from assent.pages.revoke import PATH as APPS_PATH
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import Scope, wire_text
from assent.web.account_views import KeepGroup, KeepView
from assent.web.apps import shown_reasons
from assent.web.errors import PageRefused
from assent.web.site import Site, page_route, see_other
from assent.web.words import Group, describe_scope, group_title, order_words

PURPOSE = "narrow an app"


def narrow_routes(site: Site) -> list[Route]:
    """The page of one app."""

    async def get(request: Request) -> Response:
        own = await open_own(site, request, APPS_PATH)
        if isinstance(own, Response):
            return own
        access = await find_access(site.server, own.person, request.query_params.get("client_id", ""))
        return await _show(own, access) if access else see_other(site.to(APPS_PATH))

    async def post(request: Request) -> Response:
        read = await read_own_form(site, request, PURPOSE, APPS_PATH)
        if isinstance(read, Response):
            return read
        form, own = read
        client_id = form.one("client_id")
        if form.one("decision") != "narrow" or not client_id:
            raise PageRefused(400, "request", detail="client_id or decision is missing")
        return await _narrow(own, client_id, form.many("scope"))

    return [page_route(NARROW_PATH, get, post)]


async def _narrow(own: Own, client_id: str, kept: tuple[str, ...]) -> Response:
    site, person = own.site, own.person
    try:
        narrowed = await narrow_app(
            site.server, person, client_id, kept, caller=site.caller(own.request), actor=person.person_id
        )
    except StillGiven as still:
        access = await find_access(site.server, person, client_id)
        if access is None:
            return see_other(site.to(APPS_PATH))
        return await _show(own, access, frozenset(kept), still.scopes)
    except Refused as refused:
        raise PageRefused(409, "request", detail=str(refused)) from refused
    said = "done" if narrowed.is_revoked else "narrowed"
    return see_other(site.to(f"{APPS_PATH}?{urlencode({said: client_id})}"))


async def _show(
    own: Own, access: AppAccess, kept: frozenset[str] | None = None, still: ScopeSet | None = None
) -> Response:
    """The page; after a refusal with what she had left ticked (`kept`) and what that gives all the same (`still`)."""
    messages, site = own.messages, own.site
    app = await app_shown(own, access.client_id, access.client)
    names = await names_of(own, [record.patient for record in access.records])
    records = [record_name(own, record.patient, record.scope, names) for record in access.records]
    titles = " · ".join(scope_titles(still, messages)) if still else ""
    context: dict[str, object] = {
        "csrf": own.csrf(PURPOSE),
        "action": site.to(NARROW_PATH),
        "client_id": access.client_id,
        "app": app,
        "records": tuple(dict.fromkeys(records)),
        "groups": _groups(own, access, app.name, kept),
        "problem": messages.text("narrow.problem", titles=titles) if still else None,
        "apps_url": site.to(APPS_PATH),
    }
    return own.show("narrow.html", context)


def _groups(own: Own, access: AppAccess, app: str, kept: frozenset[str] | None) -> tuple[KeepGroup, ...]:
    """What the app has, in the groups and the order of the approval page."""
    by_text = {wire_text(scope): scope for scope in choices_of(access.grants)}
    words = order_words(describe_scope(scope, own.messages) for scope in by_text.values())
    return tuple(
        KeepGroup(
            _title(own, access, group),
            tuple(
                KeepView(
                    value=one.technical,
                    title=one.title,
                    description=one.short,
                    explanation=one.long,
                    technical=one.technical,
                    notes=_notes(own, access, app, by_text[one.technical]),
                    is_ticked=kept is None or one.technical in kept,
                )
                for one in members
            ),
            is_changing=group == "changes",
        )
        for group, members in groupby(words, key=lambda one: one.group)
    )


def _title(own: Own, access: AppAccess, group: Group) -> str:
    """The heading of a group; what is in records is hers only where hers is the only one."""
    is_hers = all(one.patient is None or is_reader(own, one.patient) for one in access.records)
    if group == "record" and not is_hers:
        return own.messages.text("narrow.group")
    return group_title(group, own.messages)


def _notes(own: Own, access: AppAccess, app: str, scope: Scope) -> tuple[str, ...]:
    """What she should know before she takes a scope away: that the app needs it, that it comes back by itself."""
    client, messages = access.client, own.messages
    if client is None:
        return ()
    notes: list[str] = []
    if cached_definition(client.required_scope).covers(scope):
        reason = shown_reasons(client).get(wire_text(scope))
        if reason:
            notes.append(messages.text("narrow.needed", app=app, reason=reason))
        else:
            notes.append(messages.text("narrow.needed_unsaid", app=app))
    if cached_definition(client.auto_grant_scope + client.auto_approve_scope).covers(scope):
        notes.append(messages.text("narrow.comes_back"))
    return tuple(notes)
