"""The way to each page that only a server with mail, sign-ups or other places to sign in has, by the page's name.

The other pages are `scripts.pages_to_show`'s, which needs no mail.
"""

from collections.abc import Callable
from typing import Final

import pyotp
from playwright.sync_api import Page

from e2e.authenticator import Authenticator
from e2e.clinic import GUESSES, Clinic
from e2e.journey import sign_in
from scripts.pages_to_show import at, then

NEW: Final = "seven quiet otters"
OWN: Final = "/account/second-factor"
MAILED_CODE: Final = r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b"
MAILED_LINK: Final = r"http\S+/unlock\?link=[\w-]+"

Journey = Callable[[Page, Clinic], Page]
"""Takes a fresh page; gives it where it is looked at."""


def _filled(page: Page, field: str, text: str) -> Page:
    page.fill(field, text)
    return then(page, "#submit")


def _entered(page: Page, clinic: Clinic, to: str = "/account") -> str:
    """Somebody signs in: her user name."""
    maria = clinic.somebody()
    sign_in(at(page, f"{clinic.url}/login?to={to}"), maria)
    page.wait_for_url(f"{clinic.url}{to}")
    return maria


def _sign_up(page: Page, clinic: Clinic) -> Page:
    return then(at(page, clinic.app_url()), "#signup")


def _finish(page: Page, clinic: Clinic) -> Page:
    return _filled(_sign_up(page, clinic), "#email", "maria.keller@mail.example")


def _forgot(page: Page, clinic: Clinic) -> Page:
    return then(at(page, clinic.app_url()), "#forgot")


def _reset(page: Page, clinic: Clinic) -> Page:
    return _filled(_forgot(page, clinic), "#username", clinic.somebody())


def _reset_done(page: Page, clinic: Clinic) -> Page:
    maria = clinic.somebody()
    _filled(_forgot(page, clinic), "#username", maria)
    page.fill("#code", clinic.mailbox.found_in_last_to(clinic.address(maria), MAILED_CODE))
    page.fill("#password", NEW)
    return _filled(page, "#again", NEW)


def _locked(page: Page, clinic: Clinic) -> str:
    """Wrong passwords, until the account is locked: whose it is."""
    maria = clinic.somebody()
    at(page, f"{clinic.url}/login?to=/account")
    for _ in range(GUESSES):
        sign_in(page, maria, "not her password")
    return maria


def _still_locked(page: Page, clinic: Clinic) -> Page:
    sign_in(page, _locked(page, clinic))
    return page


def _unlock(page: Page, clinic: Clinic) -> Page:
    address = clinic.address(_locked(page, clinic))
    return at(page, clinic.mailbox.found_in_last_to(address, MAILED_LINK))


def _codes(page: Page, clinic: Clinic) -> Page:
    _entered(page, clinic, OWN)
    then(page, "#set-up")
    app = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
    return _filled(page, "#code", app.now())


def _second_step(page: Page, clinic: Clinic) -> Page:
    """With an authenticator app and a passkey."""
    Authenticator.of(page)
    maria = _entered(page, clinic, OWN)
    page.fill("#name", "Phone")
    then(page, "#add-passkey")
    page.wait_for_selector(".recovery")
    then(page, "#submit", "#set-up")
    _filled(page, "#code", pyotp.TOTP(page.locator(".key").inner_text().replace(" ", "")).now())
    then(page, "#submit")
    then(at(page, f"{clinic.url}/oauth/logout"), "#submit")
    sign_in(at(page, clinic.app_url()), maria)
    return page


def _down(page: Page, clinic: Clinic) -> Page:
    return then(at(page, clinic.app_url()), ".providers a[href*='/login/state']")


def _new_password(page: Page, clinic: Clinic) -> Page:
    sign_in(at(page, clinic.app_url()), "kim")
    return page


JOURNEYS: Final[dict[str, Journey]] = {
    "login-places": lambda page, clinic: at(page, clinic.app_url()),
    "login-down": _down,
    "login-slow": _still_locked,
    "signup": _sign_up,
    "signup-finish": _finish,
    "forgot": _forgot,
    "reset": _reset,
    "reset-done": _reset_done,
    "new-password": _new_password,
    "unlock": _unlock,
    "unlocked": lambda page, clinic: then(_unlock(page, clinic), "#submit"),
    "recovery-codes": _codes,
    "second-factor-asked": _second_step,
}
