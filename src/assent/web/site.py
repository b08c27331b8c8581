"""What every page and form of one issuer works with, as one value handed to its routes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from assent.engine.authorize.answers import AnsweredAlready
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, Caller
from assent.fhir.counts import RecordCounts
from assent.fhir.people import FhirRecords
from assent.identity.local.policy import PasswordPolicy
from assent.identity.registration import Registration
from assent.records.people import Person
from assent.web.attestations import AttestationTexts
from assent.web.cookies import Cookie
from assent.web.csrf import Browser, FormGuard
from assent.web.errors import reference_of
from assent.web.forms import read_page_form
from assent.web.headers import request_id
from assent.web.mails import Post
from assent.web.messages import Messages
from assent.web.skins.looks import Looks
from assent.web.terms import TermsTexts
from assent.web.views import PageView, SubjectView

_NOES: Final = frozenset({"deny", "decline"})
"""The decisions of forms by which somebody says no: they never go on to what was allowed before, and no yes to them."""


@dataclass(frozen=True, slots=True)
class Site:
    """One issuer's pages: `path` is the path of its URL (empty at the root).

    `passwords` is what passwords that people choose have to be. `post` sends mail, where there is a mail server, and
    `reset_seconds` is how long a mailed code for a new password is good, None where there is none to be had.
    `registration` is how people may make accounts themselves, None where they may not.
    `want_logo(client_id)` asks for an app's logo to be fetched, some time later.
    """

    server: AuthorizationServer
    records: FhirRecords
    guard: FormGuard
    session_cookie: Cookie
    remembered_cookie: Cookie
    device_cookie: Cookie
    proven_cookie: Cookie
    sealer: Sealer
    looks: Looks
    terms: TermsTexts
    attestations: AttestationTexts
    counts: RecordCounts
    path: str
    organization: str
    is_demo: bool
    passwords: PasswordPolicy
    post: Post | None = None
    reset_seconds: int | None = None
    registration: Registration | None = None
    want_logo: Callable[[str], None] = lambda _client_id: None

    def to(self, path: str) -> str:
        """The path of a page of this issuer, as `/login`, on this host."""
        return self.path + path

    def caller(self, request: HTTPConnection) -> Caller:
        """Where a request came from; proxies were resolved by the server in front."""
        address = request.client.host if request.client else None
        reference = reference_of(request_id(request.scope))
        return Caller(
            address,
            request.headers.get("user-agent"),
            reference,
            self.device_cookie.read(request),
            self.proven_cookie.read(request),
        )

    def browser(self, request: HTTPConnection) -> Browser:
        """The browser that asks, a new one if it has no cookie yet."""
        return self.guard.browser_of(request, self.server.random)

    def messages(self, request: HTTPConnection) -> Messages:
        """The texts in the language of whoever sent `request`."""
        return self.looks.of(request).language.messages(request)

    def view(self, person: Person | None = None, acting_for: SubjectView | None = None) -> PageView:
        """What is the same on every page of one answer."""
        return PageView(self.organization, say_person(person) if person else None, acting_for, self.is_demo)

    def page(
        self, request: Request, template: str, context: Mapping[str, object], status: int = 200
    ) -> Response:
        """A rendered page; `context` holds the variables that the template names in its first lines."""
        look = self.looks.of(request)
        look.language.keep(request)
        shown = {"languages": look.language.links(request), **context}
        return HTMLResponse(look.templates.render(template, shown, look.language.messages(request)), status)


def say_person(person: Person) -> str:
    """A person's name, her user name where none is known."""
    return " ".join(filter(None, (person.given_name, person.family_name))) or person.username


def see_other(url: str) -> Response:
    """303: whatever was posted, the browser goes on with a GET (RFC 9700 4.12: never 307). Nobody keeps it."""
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


def page_route(
    path: str,
    get: Callable[[Request], Awaitable[Response]],
    post: Callable[[Request], Awaitable[Response]],
) -> Route:
    """A page and its form as one route, so that any other method is told of both."""

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return await get(request)
        try:
            return await post(request)
        except AnsweredAlready as error:
            # pressed twice: the browser has dropped the first answer, and shows this one
            says_no = (await read_page_form(request)).one("decision") in _NOES
            if error.again is None or says_no != error.was_no:
                raise
            return see_other(error.again)

    return Route(path, answer, methods=["GET", "POST"])
