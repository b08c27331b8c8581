"""`/account`: who she is here, where she is signed in, what she agreed to, and the ways to what she allowed."""

from babel import Locale, UnknownLocaleError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.access.grants import apps_with_access
from assent.actions.access.terms import agreements_of
from assent.actions.accounts.sessions import end_one_session, end_sessions_of, list_sessions
from assent.actions.refusals import Refused
from assent.engine.second_factors import has_factor
from assent.identity import Inbound
from assent.pages.own import Own, open_own, read_own_form
from assent.pages.own_second_factor import PATH as FACTOR_PATH
from assent.pages.password import PATH as PASSWORD_PATH
from assent.pages.password import has_password
from assent.pages.revoke import PATH as APPS_PATH
from assent.records.people import Person
from assent.records.sessions import Session
from assent.records.terms import Agreement
from assent.spec.shown_text import shown_text
from assent.storage.tables import CLIENTS, SESSIONS
from assent.web.account_views import FactView, SessionView, TermsView
from assent.web.apps import shown_name
from assent.web.browsers import say_browser
from assent.web.dates import say_ago, say_instant
from assent.web.errors import PageRefused
from assent.web.headers import allow_form_target
from assent.web.messages import Messages
from assent.web.provider_exit import exit_of, leave_for_exit
from assent.web.site import Site, page_route, say_person, see_other

PATH = "/account"
PURPOSE = "account"


def account_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The account page."""

    async def get(request: Request) -> Response:
        own = await open_own(site, request, PATH)
        return await _show(own, inbound) if isinstance(own, Own) else own

    async def post(request: Request) -> Response:
        read = await read_own_form(site, request, PURPOSE, PATH)
        if isinstance(read, Response):
            return read
        form, own = read
        match form.one("decision"):
            case "end":
                return await _end(own, inbound, form.one("session") or "")
            case "everywhere":
                return await _end_all(own, inbound)
            case _:
                raise PageRefused(400, "request", detail="decision is missing")

    return [page_route(PATH, get, post)]


async def _end(own: Own, inbound: Inbound, public_id: str) -> Response:
    """Signs out in one place: one of hers, or nothing happens."""
    site, person = own.site, own.person
    try:
        await end_one_session(
            site.server,
            public_id,
            actor=person.person_id,
            person=person,
            caller=site.caller(own.request),
        )
    except Refused as refused:
        where = {"public_id": public_id, "person_id": person.person_id}
        if not await site.server.storage.find(SESSIONS, where, limit=1):
            raise PageRefused(400, "request", detail="no session of this person has this id") from refused
        # ended already: the form was sent twice, or the time was up
    if public_id != own.signed_in.session.public_id:
        return see_other(site.to(f"{PATH}?ended"))
    return await _signed_out(own, inbound, "signed_out.html", {"back_url": None, "back_name": None})


async def _end_all(own: Own, inbound: Inbound) -> Response:
    site, person = own.site, own.person
    await end_sessions_of(site.server, person, actor=person.person_id, caller=site.caller(own.request))
    return await _signed_out(own, inbound, "signed_out_everywhere.html", {})


async def _signed_out(own: Own, inbound: Inbound, template: str, more: dict[str, object]) -> Response:
    """What the browser whose own session ended gets: the way out of its provider, or the page that says so."""
    site = own.site
    response = await leave_for_exit(site, inbound, own.request, own.browser, own.signed_in.session, None)
    if response is None:
        context = {"page": site.view(), "sign_in_url": site.to(f"/login?to={PATH}"), **more}
        response = site.page(own.request, template, context)
    site.session_cookie.clear(response)
    return response


async def _show(own: Own, inbound: Inbound) -> Response:
    site = own.site
    leads_to = await exit_of(site, inbound, own.signed_in.session)
    if leads_to is not None:
        allow_form_target(own.request, leads_to)
    sessions = await list_sessions(site.server, own.person)
    context: dict[str, object] = {
        "csrf": own.csrf(PURPOSE),
        "action": site.to(PATH),
        "facts": _facts(own.person, own.messages),
        "apps": len(await apps_with_access(site.server, own.person)),
        "apps_url": site.to(APPS_PATH),
        "second_factor": await has_factor(site.server, own.person),
        "second_factor_url": site.to(FACTOR_PATH) if site.server.settings.second_factor != "off" else None,
        "password_url": site.to(PASSWORD_PATH) if has_password(inbound, own.person) else None,
        "password_changed": "password" in own.request.query_params,
        "sessions": tuple(_session_view(own, one.session) for one in sessions),
        "ended": "ended" in own.request.query_params,
        "terms": tuple([await _terms_view(own, one) for one in await agreements_of(site.server, own.person)]),
        "consents_url": site.to(f"{PATH}/consents"),
        "json_url": site.to(f"{PATH}/consents.json"),
        "fhir_url": site.to(f"{PATH}/consents.fhir.json"),
    }
    return own.show("account.html", context)


def _facts(person: Person, messages: Messages) -> tuple[FactView, ...]:
    name = say_person(person)
    return (
        FactView(messages.text("account.name"), name if name != person.username else None),
        FactView(messages.text("account.username"), person.username),
        FactView(messages.text("account.email"), person.email),
        FactView(messages.text("account.language"), _say_language(person.locale, messages)),
    )


def _say_language(tag: str | None, messages: Messages) -> str | None:
    """A language by its name; a tag that CLDR does not know as it is."""
    if not tag:
        return None
    try:
        return Locale.parse(tag, sep="-").get_display_name(messages.locale) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def _session_view(own: Own, session: Session) -> SessionView:
    """One place; its browser by what it said of itself when she signed in there."""
    now, messages = own.site.server.now(), own.messages
    return SessionView(
        id=session.public_id,
        browser=say_browser(session.user_agent, messages),
        signed_in=messages.text("account.signed_in", ago=say_ago(session.created_at, now, messages)),
        seen=messages.text("account.seen", ago=say_ago(session.last_seen_at, now, messages)),
        address=session.address,
        is_this=session.public_id == own.signed_in.session.public_id,
    )


async def _terms_view(own: Own, agreement: Agreement) -> TermsView:
    client = await own.site.server.storage.get(CLIENTS, agreement.client_id)
    return TermsView(
        app=shown_name(client) if client else shown_text(agreement.client_id),
        version=agreement.version,
        agreed=say_instant(agreement.agreed_at, own.messages),
    )
