"""What every way of signing in ends with: an account, a session under a new id, and the way on.

Shared by the password page, by what comes back from providers, and by trusted headers.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.arrivals import welcome
from assent.engine.authorize.resume import Waiting, settle_login
from assent.engine.events import audit_event, record
from assent.engine.provider_logout import keep_logout_hint
from assent.engine.rate_limits import record_seldom
from assent.engine.sessions import begin_session
from assent.identity import ModuleDown
from assent.identity.second_factor.attempts import proven_mark
from assent.identity.second_factor.remembering import is_remembered
from assent.records.identities import Arrival
from assent.web.csrf import Browser
from assent.web.headers import add_header
from assent.web.journey import advance
from assent.web.site import Site, see_other

OWN_PAGES = ("/oauth/revoke", "/account", "/account/consents", "/account/second-factor", "/account/password")
"""The pages of ours that one may sign in for: the first where nothing is said."""

_DOWN_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody signs in for: a waiting authorization request, or else a page of ours."""

    waiting: Waiting | None
    to: str = OWN_PAGES[0]


def wanted_page(request: Request) -> str:
    """The page of ours that the person wanted: one of a list, never a URL from outside."""
    return own_page(request.query_params.get("to"))


def own_page(wanted: str | None) -> str:
    """The same of a value that was kept."""
    return wanted if wanted in OWN_PAGES else OWN_PAGES[0]


async def note_refusal(site: Site, request: Request, module: str, error: Exception) -> None:
    """Writes down why nobody was let in; on the page there is only the reference to it.

    While what a module asks is down, every attempt ends so, also a stranger's: one a minute is enough.
    """
    is_down = isinstance(error, ModuleDown)
    kind = "login.unavailable" if is_down else "login.refused"
    detail = {"reason": str(error), "module": module}
    event = audit_event(site.server, kind, "refused", caller=site.caller(request), detail=detail)
    if is_down:
        await record_seldom(site.server, event, _DOWN_SECONDS, module)
    else:
        await record(site.server, event)


async def enter(
    site: Site, request: Request, browser: Browser, purpose: Purpose, arrival: Arrival
) -> Response:
    """Begins the session of an arrival under a new id and goes on. Raises `Unwelcome`."""
    caller = site.caller(request)
    person = await welcome(site.server, arrival, caller)
    old = site.session_cookie.read(request)
    known = await is_remembered(site.server, site.remembered_cookie.read(request), person)
    cookie, session = await begin_session(
        site.server, person, arrival.amr, caller, old, arrival, browser_remembered=known
    )
    await keep_logout_hint(site.server, site.sealer, session, arrival)
    # on whatever answers: she is signed in, also when the FHIR server is down for the next page
    add_header(request, "set-cookie", site.session_cookie.header(cookie))
    if purpose.waiting is None:
        return see_other(site.to(purpose.to))
    await settle_login(site.server, purpose.waiting, session)
    return await advance(site, request, purpose.waiting.handle, browser, cookie)


def mark_proven(site: Site, request: Request, person_id: str) -> None:
    """Marks the browser as one in which she showed a second factor: guesses elsewhere do not keep her out of it."""
    add_header(request, "set-cookie", site.proven_cookie.header(proven_mark(site.server, person_id)))
