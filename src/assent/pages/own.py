"""What a person's own pages share: who is signed in, and forms that count for that very sign-in.

Own pages stand by themselves, outside any authorization request: apps with access, her account, what she allowed.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from assent.engine.authorize.steps import LOGIN, NEW_PASSWORD, SECOND_FACTOR
from assent.engine.sessions import HalfSignedIn, SignedIn, find_sign_in
from assent.records.people import Person
from assent.web.csrf import Browser
from assent.web.forms import Form, read_page_form
from assent.web.messages import Messages
from assent.web.site import Site, see_other


@dataclass(frozen=True, slots=True)
class Own:
    """One request for an own page, by somebody who is signed in."""

    site: Site
    request: Request
    browser: Browser
    signed_in: SignedIn
    messages: Messages

    @property
    def person(self) -> Person:
        """Whose page it is."""
        return self.signed_in.person

    def csrf(self, purpose: str) -> str:
        """The token of a form on this page."""
        return self.site.guard.token(self.browser, own_purpose(self.site, self.request, purpose))

    def show(self, template: str, context: dict[str, object], status: int = 200) -> Response:
        """The page."""
        shown = {"page": self.site.view(self.person), **context}
        response = self.site.page(self.request, template, shown, status)
        self.site.guard.remember(response, self.browser)
        return response


async def open_own(site: Site, request: Request, wanted: str) -> Own | Response:
    """Who asks, or the way to what is left of her sign-in, back to `wanted`, one of `arriving.OWN_PAGES`."""
    found = await find_sign_in(site.server, site.session_cookie.read(request))
    if found is None:
        return see_other(site.to(f"{LOGIN.path}?to={wanted}"))
    if isinstance(found, HalfSignedIn):
        step = SECOND_FACTOR if found.lacks == "factor" else NEW_PASSWORD
        return see_other(site.to(f"{step.path}?to={wanted}"))
    return Own(site, request, site.browser(request), found, site.messages(request))


async def read_own_form(
    site: Site, request: Request, purpose: str, wanted: str
) -> tuple[Form, Own] | Response:
    """A posted form of this browser and sign-in, with who posted it. Raises `PageRefused` for any other."""
    form = await read_page_form(request)
    site.guard.check_form(request, form, own_purpose(site, request, purpose))
    own = await open_own(site, request, wanted)
    return (form, own) if isinstance(own, Own) else own


def own_purpose(site: Site, request: Request, purpose: str) -> str:
    """What a form's token is bound to: a page that stands open from before another signed in decides nothing."""
    return f"{purpose} {site.session_cookie.read(request) or ''}"
