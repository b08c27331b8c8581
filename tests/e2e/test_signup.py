"""Making an account in a real browser, with real mail: by keyboard alone, with script and without, in Arabic too."""

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.clinic import Clinic

pytestmark = pytest.mark.browser

PASSWORD = "a river, seven lamps and no bridge"


def code_to(clinic: Clinic, address: str) -> str:
    """The code in the last mail to this address."""
    return clinic.mailbox.found_in_last_to(address, r"\b\d{8}\b")


def ask_for_code(page: Page, clinic: Clinic, address: str) -> None:
    """Up to the second page, by keyboard alone: what is asked first has the focus already."""
    page.goto(f"{clinic.url}/login?to=/account")
    page.focus("#signup")
    page.keyboard.press("Enter")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(address)
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()


def finish(page: Page, code: str, username: str, password: str = PASSWORD) -> None:
    for text in (code, username, password):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("script", [True, False])
def test_an_account_is_made_by_keyboard_alone(
    browser: Browser, clinic: Clinic, language: str, script: bool
) -> None:
    page = browser.new_page(locale=language, java_script_enabled=script)
    username = f"maria-{language}-{script}".lower()
    address = f"{username}@mail.example"
    ask_for_code(page, clinic, address)
    mail = clinic.mailbox.last_to(address)
    assert mail["Content-Language"] == language
    assert mail["Auto-Submitted"] == "auto-generated"
    finish(page, code_to(clinic, address), username)
    expect(page).to_have_url(f"{clinic.url}/account")
    expect(page.locator("dd").get_by_text(username, exact=True)).to_be_visible()
    page.close()


def test_a_wrong_code_is_told_at_the_code_and_mended_there(page: Page, clinic: Clinic) -> None:
    ask_for_code(page, clinic, "ann@mail.example")
    finish(page, "1234", "ann")
    expect(page.locator("#problem")).to_be_visible()
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#username")).to_have_value("ann")
    page.fill("#code", code_to(clinic, "ann@mail.example"))
    page.fill("#password", PASSWORD)
    page.click("#submit")
    expect(page).to_have_url(f"{clinic.url}/account")
