"""`/terms`: does the person accept the organization's terms of service for this app?

The form says which text it showed, by version and hash. When another one holds by the time it is posted, that one is
shown; what is kept is always what she had before her.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.access.terms import agreements_of
from assent.engine.authorize.agreement import ShownTerms, accept_terms, decline_terms
from assent.engine.authorize.steps import TERMS
from assent.engine.terms import wanted_version
from assent.pages.journey import Visit, asking_app, form_of, form_purpose, visit
from assent.web.dates import say_instant
from assent.web.errors import PageRefused
from assent.web.forms import Form, read_page_form
from assent.web.journey import advance
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other
from assent.web.terms import TermsText
from assent.web.views import TermsView


def terms_routes(site: Site) -> list[Route]:
    """The page of the terms of service."""

    async def get(request: Request) -> Response:
        seen = await visit(site, request, TERMS, site.browser(request))
        return await _show(site, seen) if isinstance(seen, Visit) else seen

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        handle = request.query_params.get("flow", "")
        browser = site.guard.check_form(request, form, form_purpose(site, request, TERMS, handle))
        seen = await visit(site, request, TERMS, browser)
        if not isinstance(seen, Visit):
            return seen
        decision = form.one("decision")
        if decision == "decline":
            return see_other(await decline_terms(site.server, seen.waiting, site.caller(request)))
        if decision != "accept":
            raise PageRefused(400, "request", detail="decision is neither accept nor decline")
        shown = _shown(site, form)
        if shown is None or not await accept_terms(site.server, seen.waiting, shown, site.caller(request)):
            return await _show(site, seen, "changed")
        return await advance(site, request, handle, browser, site.session_cookie.read(request))

    return [page_route("/terms", get, post)]


def _shown(site: Site, form: Form) -> ShownTerms | None:
    """What the form showed; None when it is no text that this server shows."""
    version = form.one("version") or ""
    text = site.terms.known(version, form.one("text") or "")
    return ShownTerms(version, text.language, text.text_hash) if text else None


async def _show(site: Site, seen: Visit, problem: str | None = None) -> Response:
    progress, messages = seen.waiting.progress, seen.messages
    version = wanted_version(site.server.settings, progress.client) or ""
    person = progress.signed_in.person if progress.signed_in else None
    context = {
        **form_of(site, TERMS, seen),
        "page": site.view(person),
        "app": await asking_app(site, seen.waiting, messages),
        "terms": _view(version, site.terms.text(version, messages.language), messages),
        "only_this_app": progress.client.terms_version is not None,
        "accepted_before": await _accepted_before(site, seen),
        "problem": messages.text(f"terms.problem.{problem}") if problem else None,
    }
    return site.page(seen.request, "terms.html", context)


async def _accepted_before(site: Site, seen: Visit) -> str | None:
    """When she accepted another version for this app, in words."""
    progress = seen.waiting.progress
    if progress.signed_in is None:
        return None
    agreements = await agreements_of(site.server, progress.signed_in.person)
    same_app = (one for one in agreements if one.client_id == progress.client.client_id)
    latest = next(same_app, None)
    return say_instant(latest.agreed_at, seen.messages) if latest else None


def _view(version: str, text: TermsText, messages: Messages) -> TermsView:
    is_read_here = text.language.partition("-")[0] == messages.language.partition("-")[0]
    name = messages.locale.languages.get(text.language.partition("-")[0], text.language)
    return TermsView(
        version=version,
        text=text.text_hash.hex(),
        language=text.language,
        direction=text.direction,
        blocks=text.blocks,
        is_sample=text.is_sample,
        only_in=None if is_read_here else str(name),
    )
