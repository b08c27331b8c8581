"""`/approve`: may the app? Each scope that is left to ask is a box; what is unticked is narrowed away."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.respond import deny
from assent.engine.authorize.resume import settle_approval
from assent.engine.authorize.steps import APPROVAL
from assent.engine.consent import Question, answer, question
from assent.pages.journey import Visit, app_view, form_of, form_purpose, page_view, returns_to, visit
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import Scope, wire_text
from assent.web.dates import say_duration
from assent.web.errors import PageRefused
from assent.web.forms import read_page_form
from assent.web.journey import advance
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other
from assent.web.views import GivenView, ScopeChoice, ScopeGroup
from assent.web.words import GROUPS, ask_approval, describe_scope, group_title


def approve_routes(site: Site) -> list[Route]:
    """The approval page."""

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
        decision = form.one("decision")
        if decision == "approve":
            ticked = frozenset(form.many("scope"))
            await settle_approval(site.server, seen.waiting, answer(seen.waiting.progress, ticked))
            return await advance(site, request, handle, browser, site.session_cookie.read(request))
        if decision == "deny":
            waiting = seen.waiting
            return see_other(await deny(site.server, waiting.progress, waiting.pending, site.caller(request)))
        raise PageRefused(400, "request", detail="decision is neither approve nor deny")

    return [page_route("/approve", get, post)]


async def _show(site: Site, seen: Visit) -> Response:
    progress, messages = seen.waiting.progress, seen.messages
    asked = question(progress)
    page = await page_view(site, seen)
    app = app_view(progress.client, messages)
    owner = page.acting_for.name if page.acting_for else None
    context = {
        **form_of(site, APPROVAL, seen),
        "page": page,
        "app": app,
        "question": ask_approval(asked.asked or asked.given, app.name, messages, owner),
        "groups": _groups(progress.client.scope_reasons or {}, asked, messages, owner),
        "given": tuple(_given(scope, messages) for scope in asked.given),
        "lasts": _lasts(site, seen, asked.asked.join(asked.given)),
        "counts_missing": False,
        "returns_to": returns_to(progress.request.redirect_uri),
        "not_you_url": None,
        "revoke_url": site.to("/oauth/revoke"),
    }
    return site.page(seen.request, "approve.html", context)


def _lasts(site: Site, seen: Visit, scope: ScopeSet) -> str | None:
    """How long access can last at most, where it is asked for while the person is away."""
    if not scope.has("offline_access"):
        return None
    seconds = seen.waiting.progress.client.refresh_token_seconds
    return say_duration(seconds or site.server.settings.refresh_absolute_seconds, seen.messages)


def _groups(
    reasons: dict[str, str], asked: Question, messages: Messages, owner: str | None
) -> tuple[ScopeGroup, ...]:
    """The scopes that are asked, by what people know; within a group the sensitive first."""
    described = [(scope, describe_scope(scope, messages)) for scope in asked.asked]
    described.sort(key=lambda one: (GROUPS.index(one[1].group), not one[1].sensitive))
    groups = []
    for group in GROUPS:
        choices = tuple(
            ScopeChoice(
                value=wire_text(scope),
                title=words.title,
                description=words.short,
                explanation=words.long,
                technical=words.technical,
                sensitive=words.sensitive,
                required=scope in asked.required,
                reason=reasons.get(wire_text(scope)),
            )
            for scope, words in described
            if words.group == group
        )
        if choices:
            groups.append(ScopeGroup(group_title(group, messages, owner), choices, group == "changes"))
    return tuple(groups)


def _given(scope: Scope, messages: Messages) -> GivenView:
    words = describe_scope(scope, messages)
    return GivenView(words.title, words.technical)
