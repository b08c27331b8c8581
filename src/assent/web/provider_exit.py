"""Signing out goes on to the provider where the person signed in, and comes back from there.

Otherwise the next click would sign in whoever sits at that computer then. The way back is bound to the browser, and
goes on to the app that asked. Source: OpenID Connect RP-Initiated Logout 1.0 2 and 3.
"""

from urllib.parse import quote

from assent.engine.departures import come_back, depart
from assent.engine.handles import new_handle
from assent.engine.provider_logout import logout_hint_of
from assent.identity import Inbound, ModuleDown
from assent.records.sessions import Session
from assent.web.csrf import Browser
from assent.web.site import Site


async def exit_of(site: Site, inbound: Inbound, session: Session, state: str = "") -> str | None:
    """Where a browser signs out of the provider of its session; None where it need not, or cannot now."""
    module = await inbound.exit_module(site.server, session.module)
    if module is None:
        return None
    back = site.server.issuer.endpoint(f"/login/{quote(session.module)}/signed-out")
    hint = await logout_hint_of(site.server, site.sealer, session)
    try:
        return await module.sign_out(site.server, state, back, hint)
    except ModuleDown:
        return None  # she is signed out here all the same


async def leave_for_exit(
    site: Site, inbound: Inbound, browser: Browser, session: Session, then: str | None
) -> str | None:
    """The same, with the browser remembered: when it comes back, it goes on to `then` (a registered URI of an app)."""
    state = new_handle(site.server)
    url = await exit_of(site, inbound, session, state)
    if url is not None:
        kept = {} if then is None else {"then": then}
        await depart(site.server, state, browser.id, _trip(session.module), flow=None, to=None, kept=kept)
    return url


async def back_from_exit(site: Site, browser: Browser, name: str, state: str) -> str | None:
    """Where a browser goes that comes back from signing out at the provider `name`; None: nowhere in particular."""
    departure = await come_back(site.server, state, browser.id, _trip(name))
    return departure.kept.get("then") if departure is not None else None


def _trip(name: str) -> str:
    """Not the module's own name: who went to sign out does not come back signed in."""
    return f"sign out of {name}"
