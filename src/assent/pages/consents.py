"""`/account/consents`: what she allowed, to read and print, and the same as files to keep or hand on."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.access.consent_documents import consents_json
from assent.actions.access.consent_resources import consents_bundle
from assent.actions.access.consents import Consent, Consents, Decision, consents_of
from assent.engine.server import Issuer
from assent.pages.access import app_shown, names_of, record_name, scope_titles
from assent.pages.account import PATH as ACCOUNT_PATH
from assent.pages.own import Own, open_own
from assent.pages.revoke import PATH as APPS_PATH
from assent.spec.shown_text import shown_text
from assent.web.account_views import ConsentView, DecisionView
from assent.web.apps import shown_name
from assent.web.dates import say_instant
from assent.web.site import Site, say_person

PATH = f"{ACCOUNT_PATH}/consents"
MOST_SHOWN = 200
"""Entries of one kind on the page; the files have all of them."""


def consents_routes(site: Site) -> list[Route]:
    """The page and the two downloads."""

    async def page(request: Request) -> Response:
        own = await open_own(site, request, PATH)
        return await _show(own) if isinstance(own, Own) else own

    async def as_json(request: Request) -> Response:
        return await _download(site, request, consents_json, "application/json", "consents.json")

    async def as_fhir(request: Request) -> Response:
        return await _download(site, request, consents_bundle, "application/fhir+json", "consents.fhir.json")

    return [
        Route(PATH, page, methods=["GET"]),
        Route(f"{PATH}.json", as_json, methods=["GET"]),
        Route(f"{PATH}.fhir.json", as_fhir, methods=["GET"]),
    ]


async def _download(
    site: Site,
    request: Request,
    write: Callable[[Issuer, str, Consents], dict[str, Any]],
    media_type: str,
    name: str,
) -> Response:
    """A file of what she allowed; nobody keeps a copy on the way."""
    own = await open_own(site, request, PATH)
    if isinstance(own, Response):
        return own
    consents = await consents_of(site.server, own.person)
    document = msgspec.json.encode(write(site.server.issuer, site.organization, consents))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(msgspec.json.format(document, indent=2), 200, headers, media_type)


async def _show(own: Own) -> Response:
    site, messages = own.site, own.messages
    consents = await consents_of(site.server, own.person)
    shown, decisions = consents.consents[:MOST_SHOWN], consents.decisions[:MOST_SHOWN]
    names = await names_of(own, [one.patient for one in shown])
    views = [await _consent_view(own, one, names) for one in shown]
    context: dict[str, object] = {
        "lead": messages.text(
            "consents.lead",
            name=say_person(own.person),
            site=site.organization,
            date=say_instant(consents.at, messages),
        ),
        "active": tuple(one for one in views if one.is_active),
        "ended": tuple(one for one in views if not one.is_active),
        "decisions": tuple(_decision_view(own, one) for one in decisions),
        "has_older": len(shown) < len(consents.consents) or len(decisions) < len(consents.decisions),
        "json_url": site.to(f"{PATH}.json"),
        "fhir_url": site.to(f"{PATH}.fhir.json"),
        "account_url": site.to(ACCOUNT_PATH),
        "apps_url": site.to(APPS_PATH),
    }
    return own.show("consents.html", context)


async def _consent_view(own: Own, consent: Consent, names: dict[str, str]) -> ConsentView:
    grant, messages = consent.grant, own.messages
    return ConsentView(
        app=await app_shown(own, grant.client_id, consent.client),
        state=_say_state(own, consent),
        given=messages.text("consents.given", date=say_instant(grant.created_at, messages)),
        titles=scope_titles(consent.scope, messages),
        is_active=consent.is_active,
        record=record_name(own, consent.patient, consent.scope, names),
    )


def _say_state(own: Own, consent: Consent) -> str:
    messages = own.messages
    if consent.ended_at is not None:
        return messages.text("consents.ended", date=say_instant(consent.ended_at, messages))
    if not consent.is_active:
        return messages.text("consents.over")
    if consent.until is not None:
        return messages.text("revoke.until", date=say_instant(consent.until, messages))
    return messages.text("revoke.while_signed_in" if consent.grant.online else "revoke.until_stopped")


def _decision_view(own: Own, decision: Decision) -> DecisionView:
    messages = own.messages
    app = shown_name(decision.client) if decision.client else shown_text(decision.client_id)
    return DecisionView(
        on=say_instant(decision.at, messages),
        text=messages.text(f"consents.decided.{decision.decided}", app=app),
        about=scope_titles(decision.scope, messages),
    )
