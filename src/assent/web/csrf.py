"""Was this form filled in on our own page, in this very browser?

Owns the check; each page says what its form is for. Three things must agree: the browser's cookie, a token made from it
with a key that only we have, and the Origin that the browser names. The token is bound to the form's purpose (page
and request), so that one form's token opens no other.
Sources: RFC 6749 10.12, OWASP CSRF Prevention (signed double submit), Fetch (Origin), Fetch Metadata.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from assent.web.cookies import Cookie, new_value
from assent.web.errors import PageRefused
from assent.web.forms import Form
from assent.web.origins import origin_of

FIELD: Final = "csrf"


@dataclass(frozen=True, slots=True)
class Browser:
    """Who asks, before anyone signs in: the value of the browser cookie. `is_new`: it must still be set."""

    id: str = field(repr=False)
    is_new: bool


@dataclass(frozen=True, slots=True)
class FormGuard:
    """What forms of an issuer are checked against.

    `key`: 32 secret bytes. `cookie`: the browser cookie. `origins`: where our pages are (`https://auth.example`).
    """

    key: bytes = field(repr=False)
    cookie: Cookie
    origins: frozenset[str]

    def browser_of(self, request: HTTPConnection, random: Callable[[int], bytes]) -> Browser:
        """The browser that asks, a new one if it has no cookie yet."""
        known = self.cookie.read(request)
        return Browser(known, is_new=False) if known else Browser(new_value(random), is_new=True)

    def remember(self, response: Response, browser: Browser) -> None:
        """Set the cookie of a new browser; a known one has it."""
        if browser.is_new:
            self.cookie.set(response, browser.id)

    def token(self, browser: Browser, purpose: str) -> str:
        """The value of the hidden field `csrf` of a form for `purpose`."""
        return _token(self.key, browser.id, purpose)

    def check_form(self, request: Request, form: Form, purpose: str) -> Browser:
        """Give the browser that filled in our form; raises `PageRefused` (403) for any other."""
        self._check_origin(request)
        browser_id = self.cookie.read(request)
        if browser_id is None:
            raise PageRefused(403, "form", detail="no browser cookie")
        token = form.one(FIELD)
        if token is None or not hmac.compare_digest(
            token.encode(), _token(self.key, browser_id, purpose).encode()
        ):
            raise PageRefused(403, "form", detail="the form's token is missing or of another browser or form")
        return Browser(browser_id, is_new=False)

    def _check_origin(self, request: Request) -> None:
        """Refuse what a browser says comes from elsewhere. A client that says nothing has the token to show."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        referer = request.headers.get("referer")
        if origin is not None:
            is_ours = origin in self.origins
        elif site is not None:
            is_ours = site == "same-origin"
        elif referer is not None:
            is_ours = origin_of(referer) in self.origins
        else:
            is_ours = True
        if not is_ours:
            raise PageRefused(403, "form", detail="posted from another origin")


def _token(key: bytes, browser_id: str, purpose: str) -> str:
    # a browser id never contains the separator (cookies._VALUE)
    digest = hmac.digest(key, f"{browser_id}|{purpose}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
