"""Signing out goes on to the provider where the person signed in, and comes back from there.

Otherwise the next click would sign in whoever sits at that computer then. The way back is bound to the browser, and
goes on to the app that asked. Sources: OpenID Connect RP-Initiated Logout 1.0 2 and 3; SAML Profiles 4.4.
"""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.departures import come_back, depart, keep_answer
from assent.engine.handles import new_handle
from assent.engine.provider_logout import logout_hint_of
from assent.engine.sealing import SealBroken
from assent.identity import Inbound, ModuleDown, Sending, SignsOutElsewhere
from assent.records.identities import Departure
from assent.records.sessions import Session
from assent.web.csrf import Browser
from assent.web.headers import allow_form_target
from assent.web.site import Site, see_other


async def exit_of(site: Site, inbound: Inbound, session: Session) -> str | None:
    """Where a browser signs out of the provider of its session; None where it need not, or cannot now."""
    module = await inbound.exit_module(site.server, session.module)
    sending = await _sending(site, module, session, "") if module is not None else None
    return sending.url if sending is not None else None


async def leave_for_exit(
    site: Site, inbound: Inbound, request: Request, browser: Browser, session: Session, then: str | None
) -> Response | None:
    """The answer that sends it there, to be remembered: back again, it goes on to `then` (an app's registered URI)."""
    module, state = await inbound.exit_module(site.server, session.module), new_handle(site.server)
    sending = await _sending(site, module, session, state) if module is not None else None
    if module is None or sending is None:
        return None
    kept = {**sending.kept, "then": then}
    await depart(site.server, state, browser.id, _trip(session.module), flow=None, to=None, kept=kept)
    return send_on(site, request, module.title, sending)


def send_on(site: Site, request: Request, title: str, sending: Sending) -> Response:
    """The answer that sends a browser to the provider `title`: with a form it takes a press of a button."""
    if not sending.form:
        return see_other(sending.url)
    allow_form_target(request, sending.url)
    context = {
        "page": site.view(),
        "provider": title,
        "action": sending.url,
        "hidden": tuple(sending.form.items()),
    }
    return site.page(request, "send_on.html", context)


async def keep_exit_answer(site: Site, name: str, state: str, answer: Mapping[str, str]) -> bool:
    """Keeps what the provider `name` had the browser post, without its cookies, until it comes for it: once."""
    return await keep_answer(site.server, state, _trip(name), answer)


async def back_from_exit(site: Site, browser: Browser, name: str, state: str) -> Departure | None:
    """The departure of a browser that comes back from signing out at `name`; its `then` is where it goes on to."""
    return await come_back(site.server, state, browser.id, _trip(name))


async def _sending(site: Site, module: SignsOutElsewhere, session: Session, state: str) -> Sending | None:
    back = site.server.issuer.endpoint(f"/login/{quote(session.module)}/signed-out")
    try:
        hint = await logout_hint_of(site.server, site.sealer, session)
        return await module.sign_out(site.server, state, back, hint)
    except (ModuleDown, SealBroken):
        return None  # she is signed out here all the same


def _trip(name: str) -> str:
    """Not the module's own name: who went to sign out does not come back signed in."""
    return f"sign out of {name}"
