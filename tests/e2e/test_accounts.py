"""Accounts from their beginning to a forgotten password: with a mouse, a finger, a keyboard, and without script."""

import time
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from e2e.clinic import GUESSES, PASSWORD, Clinic
from e2e.conftest import OpenContext
from e2e.hands import Finger, Hands, Keys, Mouse
from e2e.watch import Watch

pytestmark = pytest.mark.browser

NEW = "seven quiet otters"
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody works the pages, and the browser that she has."""

    hands: type[Mouse | Keys]
    browser: dict[str, Any]


WAYS = {
    "phone": Way(Finger, {"viewport": PHONE, "has_touch": True, "is_mobile": True}),
    "desktop": Way(Mouse, {"viewport": DESKTOP}),
    "without script": Way(Mouse, {"viewport": DESKTOP, "java_script_enabled": False}),
    "by keyboard": Way(Keys, {"viewport": DESKTOP}),
}


@pytest.fixture(params=WAYS)
def hands(request: pytest.FixtureRequest, open_context: OpenContext) -> Hands:
    """Each way, one after the other."""
    way = WAYS[request.param]
    return way.hands(open_context(**way.browser).new_page())


def sign_in(hands: Hands, username: str, password: str = PASSWORD) -> None:
    hands.write("#username", username)
    hands.write("#password", password)
    hands.press("#submit")


def expect_page(page: Page, heading: str) -> None:
    """The page with this heading has come, and nobody has to scroll sideways on it."""
    expect(page.locator("h1")).to_have_text(heading)
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def set_up(hands: Hands) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app is set up and goes on: the app, and the recovery codes that came with it."""
    page = hands.page
    expect_page(page, "Set up a second step for signing in")
    app = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
    hands.write("#code", app.now())
    hands.press("#submit")
    expect_page(page, "Keep these recovery codes")
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    hands.press("#submit")
    return app, codes


def sign_out(hands: Hands, clinic: Clinic) -> None:
    """Signs out, and stands at the sign-in again."""
    hands.page.goto(f"{clinic.url}/oauth/logout")
    hands.press("#submit")
    expect_page(hands.page, "You are signed out")
    hands.page.goto(f"{clinic.url}/login?to=/account")


def test_a_forgotten_password_is_replaced_on_the_way_to_an_app(hands: Hands, clinic: Clinic) -> None:
    page, maria = hands.page, clinic.somebody()
    page.goto(clinic.app_url())
    hands.press("#forgot")
    expect_page(page, "Forgot your password?")
    hands.write("#username", maria)
    hands.press("#submit")
    expect_page(page, "Choose a new password")
    hands.write(
        "#code", clinic.mailbox.found_in_last_to(clinic.address(maria), r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")
    )
    hands.write("#password", NEW)
    hands.write("#again", NEW)
    hands.press("#submit")
    expect_page(page, "Your password is changed")
    hands.press("main .button")
    expect_page(page, "Sign in to use Heart Diary")
    sign_in(hands, maria)
    expect(page.locator("#problem")).to_be_visible()  # the old one
    sign_in(hands, maria, NEW)
    page.wait_for_url("**/approve?**")


def test_somebody_makes_an_account_on_the_way_to_an_app(
    hands: Hands, clinic: Clinic, request: pytest.FixtureRequest
) -> None:
    page, name = hands.page, "new-" + request.node.callspec.id.replace(" ", "-")
    page.goto(clinic.app_url())
    hands.press("#signup")
    expect_page(page, "Make an account to use Heart Diary")
    hands.write("#email", clinic.address(name))
    hands.press("#submit")
    expect_page(page, "Finish your account")
    hands.write("#code", clinic.mailbox.found_in_last_to(clinic.address(name), r"\b\d{8}\b"))
    hands.write("#username", name)
    hands.write("#password", NEW)
    hands.press("#submit")
    page.wait_for_url("**/approve?**")


def test_a_locked_account_is_unlocked_by_the_link_in_the_mail(
    hands: Hands, clinic: Clinic, watch: Watch
) -> None:
    watch.expect("429")
    page, maria = hands.page, clinic.somebody()
    page.goto(f"{clinic.url}/login?to=/account")
    for _ in range(GUESSES):
        sign_in(hands, maria, "not her password")
        expect(page.locator("#password")).to_have_value("")
        expect(page.locator("#problem")).to_contain_text("was not right")
    sign_in(hands, maria)
    expect(page.locator("#problem")).to_contain_text("Too many tries")
    page.goto(clinic.mailbox.found_in_last_to(clinic.address(maria), r"http\S+/unlock\?link=[\w-]+"))
    expect_page(page, "Unlock your account?")
    hands.press("#submit")
    expect_page(page, "Your account is unlocked")
    hands.press("main .button")
    expect_page(page, "Sign in")
    sign_in(hands, maria)
    expect_page(page, "Apps with access")


def test_a_second_step_is_set_up_when_an_app_asks_for_it(hands: Hands, clinic: Clinic) -> None:
    page, maria = hands.page, clinic.somebody()
    page.goto(f"{clinic.url}/login?to=/account")
    sign_in(hands, maria)
    expect(page).to_have_url(f"{clinic.url}/account")
    page.goto(clinic.app_url(acr_values="urn:assent:acr:mfa"))
    set_up(hands)
    page.wait_for_url("**/approve?**")


def test_an_app_on_the_phone_itself_is_opened_by_a_link(open_context: OpenContext, clinic: Clinic) -> None:
    """Our policy lets the link go, or the browser complained of it; the page stays for the code of the app."""
    hands = Finger(open_context(**WAYS["phone"].browser).new_page())
    page = hands.page
    page.goto(f"{clinic.url}/login?to=/account/second-factor")
    sign_in(hands, clinic.somebody())
    hands.press("#set-up")
    key = page.locator(".key").inner_text().replace(" ", "")
    with page.expect_request(lambda request: request.url.startswith("otpauth://totp/")) as opened:
        hands.press("#open-app")
    app = pyotp.parse_uri(opened.value.url)
    assert isinstance(app, pyotp.TOTP)
    assert app.secret == key
    expect(page.locator("#code")).to_be_visible()


def test_a_browser_that_is_not_asked_is_asked_where_an_app_wants_it(hands: Hands, clinic: Clinic) -> None:
    page, maria = hands.page, clinic.somebody()
    own, account = f"{clinic.url}/account/second-factor", f"{clinic.url}/account"
    page.goto(f"{clinic.url}/login?to=/account/second-factor")
    sign_in(hands, maria)
    expect(page).to_have_url(own)
    hands.press("#set-up")
    app, codes = set_up(hands)
    expect(page).to_have_url(own)
    sign_out(hands, clinic)

    sign_in(hands, maria)
    expect_page(page, "Show once more that it is you")
    hands.write("#code", app.at(int(time.time()) + STEP_SECONDS))
    hands.toggle("input[name=remember]")
    hands.press("#submit")
    expect(page).to_have_url(account)
    sign_out(hands, clinic)

    sign_in(hands, maria)
    expect(page).to_have_url(account)
    page.goto(clinic.app_url(acr_values="urn:assent:acr:mfa"))
    hands.press("details.lost summary")
    hands.write("#recovery", codes[0])
    hands.press("#use-recovery")
    page.wait_for_url("**/approve?**")


def test_a_place_to_sign_in_that_is_down_leaves_the_others(
    hands: Hands, clinic: Clinic, watch: Watch
) -> None:
    watch.expect("503")
    page, maria = hands.page, clinic.somebody()
    page.goto(clinic.app_url())
    expect(page.locator(".providers a")).to_have_text(
        ["Sign in with State eID", "Sign in with Staff account"]
    )
    hands.press(".providers a[href*='/login/state']")
    expect(page.locator("#problem")).to_contain_text("does not answer")
    expect_page(page, "Sign in to use Heart Diary")
    sign_in(hands, maria)
    page.wait_for_url("**/approve?**")
