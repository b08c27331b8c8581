"""`/context`: whose record, and which visit?

A list for those who have one, a search for those who may open any record. What is posted is checked again by the
engine. A search is posted, and so are its further pages: a patient's name has no place in histories and logs.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.respond import deny
from assent.engine.authorize.resume import settle_encounter, settle_patient
from assent.engine.authorize.steps import CONTEXT
from assent.pages.journey import Visit, asking_app, form_of, form_purpose, page_view, visit
from assent.pages.picker import Offered, Problem, Typed, offer_encounters, offer_patients
from assent.spec.errors import AccessDenied
from assent.web.dates import say_date
from assent.web.forms import Form, read_page_form
from assent.web.journey import advance
from assent.web.site import Site, page_route, see_other
from assent.web.views import EncounterView, RecordView


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
        typed = _typed(form)
        if form.one("page") is not None:
            return await _show(site, seen, typed)
        if form.one("patient") is None and form.one("encounter") is None:
            is_search = form.one("search") is not None and form.one("decision") is None
            return await _show(site, seen, typed, None if is_search else "none")
        try:
            await _settle(site, seen, form)
        except AccessDenied:
            return await _show(site, seen, typed, "not_yours", 403)
        return await advance(site, request, handle, browser, site.session_cookie.read(request))

    return [page_route("/context", get, post)]


async def _settle(site: Site, seen: Visit, form: Form) -> None:
    """Takes what was chosen. The page of visits sends the record along; one that differs is a choice of its own."""
    patient, encounter = form.one("patient"), form.one("encounter")
    if patient is not None and patient != seen.waiting.progress.patient_in_context:
        await settle_patient(site.server, seen.waiting, patient, site.caller(seen.request))
    elif encounter is not None:
        await settle_encounter(site.server, seen.waiting, encounter, site.caller(seen.request))


def _typed(form: Form) -> Typed:
    page = form.one("page") or ""
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
    return Typed(form.one("search") or "", number)


async def _show(
    site: Site, seen: Visit, typed: Typed | None = None, problem: str | None = None, status: int = 200
) -> Response:
    """The page; `problem` names the text that says what was wrong with a choice."""
    progress = seen.waiting.progress
    person = progress.signed_in.person if progress.signed_in else None
    patient = progress.patient_in_context
    offered, chosen = Offered(), None
    encounters: list[EncounterView] = []
    are_latest = False
    if person is not None and patient is not None:
        chosen = await _chosen(site, seen, patient)
        encounters, are_latest = await offer_encounters(site, seen, person, patient)
    elif person is not None:
        offered = await offer_patients(site, seen, person, typed or Typed())
    said = (
        Problem(seen.messages.text(f"context.problem.{problem}"), status=status)
        if problem
        else offered.problem
    )
    context = {
        **form_of(site, CONTEXT, seen),
        "page": await page_view(site, seen),
        "app": await asking_app(site, seen.waiting, seen.messages),
        "problem": said.text if said else None,
        "problem_field": said.field if said else "choices",
        "search": offered.search,
        "groups": offered.groups,
        "pager": offered.pager,
        "patient": chosen,
        "encounters": tuple(encounters),
        "are_latest": are_latest,
    }
    response = site.page(seen.request, "context.html", context, said.status if said else 200)
    if said is not None and said.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(said.retry_after_seconds)
    return response


async def _chosen(site: Site, seen: Visit, patient: str) -> RecordView:
    cards = await site.records.describe_patients([patient])
    if not cards:
        return RecordView(patient, patient)
    born = cards[0].birth_date
    return RecordView(patient, cards[0].name, say_date(born, seen.messages) if born else None)
