"""`/context`: whose record, and which visit?

A list for those who have one, a search for those who may open any record. What is posted is checked again by the
engine. A search is posted, not put into the address: a patient's name has no place in histories and logs.
"""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.reach import may_search_patients
from assent.engine.authorize.respond import deny
from assent.engine.authorize.resume import settle_encounter, settle_patient
from assent.engine.authorize.steps import CONTEXT
from assent.fhir.people import PatientCard
from assent.pages.journey import Visit, app_view, form_of, form_purpose, page_view, visit
from assent.records.people import Person
from assent.spec.errors import AccessDenied
from assent.web.dates import say_date
from assent.web.forms import read_page_form
from assent.web.journey import advance
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other
from assent.web.views import EncounterView, RecordView, SearchView

MOST_FOUND = 100
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def context_routes(site: Site) -> list[Route]:
    """The launch context page."""

    async def get(request: Request) -> Response:
        browser = site.browser(request)
        seen = await visit(site, request, CONTEXT, browser)
        return await _show(site, seen) if isinstance(seen, Visit) else seen

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        handle = request.query_params.get("flow", "")
        browser = site.guard.check_form(request, form, form_purpose(site, request, CONTEXT, handle))
        seen = await visit(site, request, CONTEXT, browser)
        if not isinstance(seen, Visit):
            return seen
        if form.one("decision") == "deny":
            waiting = seen.waiting
            return see_other(await deny(site.server, waiting.progress, waiting.pending, site.caller(request)))
        patient, encounter = form.one("patient"), form.one("encounter")
        if patient is None and encounter is None:
            problem = None if "search" in dict(form.pairs) else "none"
            return await _show(site, seen, form.one("search") or "", problem)
        try:
            # the page of visits sends the record along; one that differs is a choice of its own
            if patient is not None and patient != seen.waiting.progress.patient_in_context:
                await settle_patient(site.server, seen.waiting, patient, site.caller(request))
            elif encounter is not None:
                await settle_encounter(site.server, seen.waiting, encounter, site.caller(request))
        except AccessDenied:
            return await _show(site, seen, problem="not_yours")
        return await advance(site, request, handle, browser, site.session_cookie.read(request))

    return [page_route("/context", get, post)]


async def _show(site: Site, seen: Visit, query: str = "", problem: str | None = None) -> Response:
    progress = seen.waiting.progress
    person = progress.signed_in.person if progress.signed_in else None
    patient = progress.patient_in_context
    records: list[RecordView] = []
    encounters: list[EncounterView] = []
    search: SearchView | None = None
    chosen: RecordView | None = None
    if patient is not None:
        cards = await site.records.describe_patients([patient])
        chosen = _record(cards[0], person, seen.messages) if cards else RecordView(patient, patient)
        encounters = [
            EncounterView(one.id, one.title, say_date(one.start, seen.messages) if one.start else "")
            for one in await site.records.describe_encounters(patient)
        ]
    elif person is not None:
        found, search = await _choices(site, person, query)
        records = [_record(card, person, seen.messages) for card in found]
    context = {
        **form_of(site, CONTEXT, seen),
        "page": await page_view(site, seen),
        "app": app_view(progress.client, seen.messages),
        "problem": seen.messages.text(f"context.problem.{problem}") if problem else None,
        "search": search,
        "records": tuple(records),
        "patient": chosen,
        "encounters": tuple(encounters),
    }
    return site.page(seen.request, "context.html", context, 403 if problem == "not_yours" else 200)


async def _choices(site: Site, person: Person, query: str) -> tuple[list[PatientCard], SearchView | None]:
    """What the person may choose from, and the search where she may open any record."""
    if not may_search_patients(await site.server.records.powers(person)):
        return await site.records.describe_patients(await site.server.records.patients(person)), None
    words = query.split()
    dates = [word for word in words if _DATE.fullmatch(word)]
    text = " ".join(word for word in words if word not in dates[:1])
    found = await site.records.search_patients(text, dates[0] if dates else "", MOST_FOUND + 1)
    return found[:MOST_FOUND], SearchView(query, has_more=len(found) > MOST_FOUND)


def _record(card: PatientCard, person: Person | None, messages: Messages) -> RecordView:
    sex = card.gender if card.gender in ("female", "male", "other") else "unknown"
    return RecordView(
        id=card.id,
        name=card.name,
        born=say_date(card.birth_date, messages) if card.birth_date else None,
        sex=messages.text(f"context.sex.{sex}"),
        identifier=card.identifier,
    )
