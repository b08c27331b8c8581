"""`/approve`: may the app? Each scope that is left to ask is a box; what is unticked is narrowed away."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.respond import deny
from assent.engine.authorize.resume import settle_approval
from assent.engine.authorize.steps import APPROVAL, LOGIN
from assent.engine.consent import Question, Reply, answer, question
from assent.engine.lasting import kept_seconds, offers_time
from assent.engine.sessions import end_session, find_session
from assent.fhir.counts import Counts
from assent.pages.attestation import attestation_url
from assent.pages.journey import Visit, asking_app, form_of, form_purpose, page_view, returns_to, visit
from assent.web.approval import Asking, approval_groups, attestation_view, duration_views, given_views
from assent.web.counted import say_counts
from assent.web.dates import say_duration
from assent.web.errors import PageRefused
from assent.web.forms import Form, read_page_form
from assent.web.journey import advance
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other
from assent.web.words import ask_approval

NOT_YOU = "/approve/not-you"


def approve_routes(site: Site) -> list[Route]:
    """The approval page, and its way out for somebody else."""

    async def get(request: Request) -> Response:
        seen = await visit(site, request, APPROVAL, site.browser(request))
        return await _show(site, seen) if isinstance(seen, Visit) else seen

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        handle = request.query_params.get("flow", "")
        browser = site.guard.check_form(request, form, form_purpose(site, request, APPROVAL, handle))
        seen = await visit(site, request, APPROVAL, browser)
        if not isinstance(seen, Visit):
            return seen
        waiting = seen.waiting
        decision = form.one("decision")
        if decision == "approve":
            scope = answer(waiting.progress, _read_reply(form))
            await settle_approval(site.server, waiting, scope, _read_keep_seconds(seen, form))
            return await advance(site, request, handle, browser, site.session_cookie.read(request))
        if decision == "deny":
            return see_other(await deny(site.server, waiting.progress, waiting.pending, site.caller(request)))
        raise PageRefused(400, "request", detail="decision is neither approve nor deny")

    async def leave(request: Request) -> Response:
        """Somebody else sits here: this browser's session ends, the request waits for the next to sign in."""
        form = await read_page_form(request)
        handle = request.query_params.get("flow", "")
        site.guard.check_form(request, form, form_purpose(site, request, APPROVAL, handle))
        signed_in = await find_session(site.server, site.session_cookie.read(request))
        if signed_in is not None:
            actor = signed_in.person.person_id
            await end_session(site.server, signed_in.session, because="not the person", actor=actor)
        response = see_other(site.to(f"{LOGIN.path}?flow={handle}"))
        site.session_cookie.clear(response)
        return response

    return [page_route("/approve", get, post), Route(NOT_YOU, leave, methods=["POST"])]


def _read_reply(form: Form) -> Reply:
    return Reply(frozenset(form.many("scope")), frozenset(form.many("part")), frozenset(form.many("opened")))


def _read_keep_seconds(seen: Visit, form: Form) -> int | None:
    """The choice of the form, where there is one to make; the first that is offered where it names none.

    Raises `PageRefused` (400) for a time that is not offered.
    """
    progress = seen.waiting.progress
    if not offers_time(progress):
        return None
    text = form.one("keep_for")
    if text is None:
        return kept_seconds(progress)
    chosen = next((one for one in progress.client.offline_choices if str(one) == text), None)
    if chosen is None:
        raise PageRefused(400, "request", detail="keep_for is none of the choices")
    return chosen


async def _show(site: Site, seen: Visit) -> Response:
    progress, messages = seen.waiting.progress, seen.messages
    asked = question(progress)
    page = await page_view(site, seen)
    app = await asking_app(site, seen.waiting, messages)
    owner = page.acting_for.name if page.acting_for else None
    counts = await _count(site, seen, asked)
    durations = (
        duration_views(progress.client.offline_choices, kept_seconds(progress), messages)
        if offers_time(progress)
        else ()
    )
    asking = Asking(
        progress.client, messages, owner, progress.remembered, durations, say_counts(counts, messages)
    )
    context = {
        **form_of(site, APPROVAL, seen),
        "page": page,
        "app": app,
        "question": ask_approval(asked.asked or asked.given, app.name, messages, owner),
        "news": _news(asked, app.name, messages),
        "groups": approval_groups(asked, asking),
        "given": given_views(asked.given.without(asked.automatic), messages),
        "automatic": given_views(asked.automatic, messages),
        "lasts": _lasts(site, seen, asked) if not durations else None,
        "counts_missing": counts.is_short,
        "attestation": attestation_view(progress.client, attestation_url(site), messages),
        "returns_to": returns_to(progress.request.redirect_uri),
        "not_you_url": site.to(f"{NOT_YOU}?flow={seen.handle}"),
        "revoke_url": site.to("/oauth/revoke"),
    }
    return site.page(seen.request, "approve.html", context)


async def _count(site: Site, seen: Visit, asked: Question) -> Counts:
    """How much there is of what is asked. Never late, and never more than the person may see."""
    progress = seen.waiting.progress
    if progress.signed_in is None:
        return Counts({})
    person, patient = progress.signed_in.person, progress.patient_in_context
    return await site.counts.count(person, patient, asked.asked.resources)


def _news(asked: Question, app: str, messages: Messages) -> str | None:
    """Why somebody who allowed this app something before is asked again."""
    if not asked.remembered:
        return None
    is_more = any(scope not in asked.remembered for scope in asked.asked)
    return messages.text("approve.asks_more" if is_more else "approve.asks_again", app=app)


def _lasts(site: Site, seen: Visit, asked: Question) -> str | None:
    """How long access can last at most, where it is asked for while the person is away."""
    if not asked.asked.join(asked.given).has("offline_access"):
        return None
    seconds = seen.waiting.progress.client.refresh_token_seconds
    return say_duration(seconds or site.server.settings.refresh_absolute_seconds, seen.messages)
