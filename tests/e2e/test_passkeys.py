"""Passkeys in a real browser, with an authenticator that Chromium makes up: beside the password, and instead of it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.authenticator import Authenticator
from e2e.clinic import Clinic
from e2e.conftest import OpenContext
from e2e.journey import sign_in
from e2e.watch import Watch

pytestmark = pytest.mark.browser

OWN = "/account/second-factor"


def with_passkey(page: Page, clinic: Clinic, username: str, name: str = "My phone") -> Authenticator:
    """Somebody adds a passkey to her account, and signs out."""
    authenticator = Authenticator.of(page)
    page.goto(f"{clinic.url}/login?to={OWN}")
    sign_in(page, username)
    expect(page).to_have_url(clinic.url + OWN)
    page.fill("#name", name)
    page.click("#add-passkey")
    expect(page.locator("h1")).to_have_text("Keep these recovery codes")
    assert page.locator(".recovery li").count() == 10
    page.click("#submit")
    expect(page.get_by_text(name, exact=True)).to_be_visible()
    sign_out(page, clinic)
    return authenticator


def sign_out(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.url}/oauth/logout")
    page.click("#submit")


def test_a_passkey_is_the_second_step_after_the_password(page: Page, clinic: Clinic) -> None:
    amy = clinic.somebody()
    with_passkey(page, clinic, amy)
    page.goto(f"{clinic.url}/login?to=/account")
    sign_in(page, amy)
    page.wait_for_url("**/second-factor?**")
    page.goto(f"{clinic.url}/account")  # no way around
    page.wait_for_url("**/second-factor?**")
    page.click("#use-passkey")
    expect(page).to_have_url(f"{clinic.url}/account")
    page.goto(clinic.url + OWN)
    expect(page.get_by_text("last used")).to_be_visible()


def test_a_passkey_alone_signs_in_where_it_recognises_its_user(page: Page, clinic: Clinic) -> None:
    ben = clinic.somebody()
    with_passkey(page, clinic, ben)
    page.goto(f"{clinic.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page).to_have_url(f"{clinic.url}/account")
    expect(page.locator("dd").get_by_text(ben, exact=True)).to_be_visible()


def test_without_recognition_nobody_is_signed_in(page: Page, clinic: Clinic) -> None:
    cleo = clinic.somebody()
    authenticator = with_passkey(page, clinic, cleo)
    authenticator.verify(succeeds=False)
    page.goto(f"{clinic.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("[data-failed]")).to_be_visible()
    assert page.url.endswith("/login?to=/account")
    expect(page.locator("#use-passkey")).to_be_enabled()
    sign_in(page, cleo)  # the password is still there, and the second step after it
    page.wait_for_url("**/second-factor?**")


def test_a_copied_authenticator_is_found_out(page: Page, clinic: Clinic) -> None:
    dora = clinic.somebody()
    authenticator = with_passkey(page, clinic, dora)
    [before] = authenticator.credentials()
    for _ in range(2):
        page.goto(f"{clinic.url}/login?to=/account")
        page.click("#use-passkey")
        expect(page).to_have_url(f"{clinic.url}/account")
        sign_out(page, clinic)
    authenticator.go_back(before)
    page.goto(f"{clinic.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("#problem")).to_contain_text("could not be checked")
    page.goto(f"{clinic.url}/account")
    page.wait_for_url("**/login?**")


def test_the_same_authenticator_is_not_taken_twice_and_a_removed_passkey_opens_nothing(
    page: Page, clinic: Clinic
) -> None:
    eli = clinic.somebody()
    authenticator = with_passkey(page, clinic, eli, name="<b>Eli's</b> key")
    page.goto(f"{clinic.url}/login?to={OWN}")
    page.click("#use-passkey")
    expect(page).to_have_url(clinic.url + OWN)
    page.click("#add-passkey")
    expect(page.locator("[data-failed]")).to_be_visible()
    page.get_by_role("button", name=re.compile("Remove the passkey")).click()
    expect(page.get_by_role("button", name=re.compile("Remove the passkey"))).to_have_count(0)
    assert len(authenticator.credentials()) == 1
    sign_out(page, clinic)
    page.goto(f"{clinic.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("#problem")).to_contain_text("could not be checked")


def test_without_script_the_other_ways_are_there(open_context: OpenContext, clinic: Clinic) -> None:
    fay = clinic.somebody()
    page = open_context().new_page()
    authenticator = Authenticator.of(page)
    page.goto(f"{clinic.url}/login?to={OWN}")
    sign_in(page, fay)
    page.click("#add-passkey")
    code = page.locator(".recovery code").first.inner_text()
    assert authenticator.credentials()

    plain: BrowserContext = open_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{clinic.url}/login?to=/account")
    expect(page.locator("#use-passkey")).to_be_hidden()
    sign_in(page, fay)
    page.wait_for_url("**/second-factor?**")
    expect(page.get_by_text("Passkeys cannot be used here")).to_be_visible()
    page.click("details.lost summary")
    page.fill("#recovery", code)
    page.click("#use-recovery")
    expect(page).to_have_url(f"{clinic.url}/account")


def test_only_our_script_runs_and_only_on_pages_for_passkeys(
    page: Page, clinic: Clinic, watch: Watch
) -> None:
    watch.expect("Content Security Policy")
    watch.expect("404")  # of the picture that does not exist
    answer = page.goto(f"{clinic.url}/login?to=/account")
    assert answer is not None
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    with page.expect_console_message(lambda message: "404" in message.text):
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')"
        )
    assert page.title().startswith("Sign in")
    answer = page.goto(f"{clinic.url}/oauth/logout")
    assert answer is not None
    assert "script-src" not in answer.headers["content-security-policy"]
