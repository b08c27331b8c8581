"""What the pages of one authorization request share: finding it, its app, and whose record it is."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.resume import Waiting, find_waiting
from assent.engine.authorize.steps import LOGIN, Step, next_step
from assent.pages.relations import say_relation
from assent.web import apps
from assent.web.csrf import Browser
from assent.web.dates import say_date
from assent.web.headers import allow_form_target
from assent.web.journey import advance, go_back
from assent.web.language_choice import prefer_locales
from assent.web.messages import Messages
from assent.web.origins import host_of
from assent.web.site import Site
from assent.web.skins.looks import dress_for
from assent.web.views import AppView, PageView, SubjectView


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page of a waiting authorization request."""

    request: Request
    browser: Browser
    waiting: Waiting
    messages: Messages

    @property
    def handle(self) -> str:
        """The authorization request's id in URLs."""
        return self.waiting.handle


async def visit(site: Site, request: Request, step: Step, browser: Browser) -> Visit | Response:
    """The waiting request of this browser if this step is what it needs now; else the way on."""
    handle = request.query_params.get("flow", "")
    session_cookie = site.session_cookie.read(request)
    try:
        waiting = await find_waiting(site.server, handle, browser.id, session_cookie)
    except RedirectError as refused:
        return await go_back(site, request, refused, handle)
    prefer_locales(request, waiting.progress.request.ui_locales)
    dress_for(request, waiting.progress.client.client_id)
    if next_step(site.server.settings, waiting.progress) is not step:
        return await advance(site, request, handle, browser, session_cookie)
    return Visit(request, browser, waiting, site.messages(request))


def form_purpose(site: Site, request: Request, step: Step, handle: str) -> str:
    """What a form's token is bound to: this page of this request; past the sign-in, this very sign-in.

    So a page that still stands open from before somebody else signed in answers nothing in her name.
    """
    signed_in = None if step is LOGIN else site.session_cookie.read(request)
    return f"{step.name} {handle} {signed_in or ''}"


def form_of(site: Site, step: Step, seen: Visit) -> dict[str, object]:
    """Where a page's form goes, and its token. It may end at the app's redirect URI: Chromium asks for that."""
    allow_form_target(seen.request, seen.waiting.progress.request.redirect_uri)
    return {
        "action": site.to(f"{step.path}?flow={seen.handle}"),
        "csrf": site.guard.token(seen.browser, form_purpose(site, seen.request, step, seen.handle)),
    }


async def page_view(site: Site, seen: Visit) -> PageView:
    """The frame of the page: who is signed in, and loudly whose record it is when it is another's."""
    signed_in = seen.waiting.progress.signed_in
    person = signed_in.person if signed_in else None
    patient = seen.waiting.progress.patient_in_context
    if person is None or patient is None or person.fhir_user == f"Patient/{patient}":
        return site.view(person)
    found = await site.records.describe_patients([patient])
    if not found:
        return site.view(person)
    born = say_date(found[0].birth_date, seen.messages) if found[0].birth_date else None
    relation = say_relation((await site.records.relations(person)).get(patient), found[0], seen.messages)
    return site.view(person, SubjectView(found[0].name, born, relation))


async def asking_app(site: Site, waiting: Waiting, messages: Messages) -> AppView:
    """The app of an authorization request, with its logo and where it sends the person."""
    return await apps.show_app(site, waiting.progress.client, messages, waiting.progress.request.redirect_uri)


def returns_to(redirect_uri: str) -> str | None:
    """The host that the person goes back to; None for apps on the device."""
    return host_of(redirect_uri)
