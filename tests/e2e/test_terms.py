"""The terms of service in a real browser: a phone, no script, the keyboard alone, another language."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import allow, sign_in

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 568}
MOST_STOPS = 30


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """A small phone without script."""
    return open_context(java_script_enabled=False, viewport=PHONE, color_scheme="dark").new_page()


def ask(page: Page, demo: Deployment, client_id: str) -> None:
    """An app that has terms of its own asks; amy signs in."""
    definition = {
        "client_id": client_id,
        "client_name": "Heart Diary",
        "token_endpoint_auth_method": "none",
        "redirect_uris": [f"{demo.app_url}/demo/app/"],
        "scope": "openid fhirUser launch/patient patient/Patient.r patient/Observation.rs",
        "terms_version": "2026-05",
    }
    file = demo.config.with_name(f"{client_id}.json")
    file.write_text(json.dumps({"clients": [definition]}))
    demo.assent("client", "import", str(file))
    page.goto(authorize_url(demo, client_id=client_id))
    sign_in(page, "amy")
    page.wait_for_url("**/terms?**")


def tab_to(page: Page, selector: str) -> None:
    """Goes there as a keyboard does."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    pytest.fail(f"{selector} cannot be reached by keyboard")


def test_the_terms_are_read_and_accepted_by_keyboard(page: Page, demo: Deployment) -> None:
    ask(page, demo, "terms-yes")
    expect(page.locator(".sample")).to_be_visible()
    expect(page.locator("#terms h2")).to_have_text("Sample terms of service")
    tab_to(page, "#submit")
    page.keyboard.press("Enter")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/?**")
    assert answer_in(page.url)["code"]


def test_a_no_by_keyboard_goes_back_to_the_app(page: Page, demo: Deployment) -> None:
    ask(page, demo, "terms-no")
    tab_to(page, "#deny")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.app_url}/demo/app/?**")
    assert answer_in(page.url)["error"] == "access_denied"


def test_what_was_read_in_another_language_is_kept_as_such(page: Page, demo: Deployment) -> None:
    ask(page, demo, "terms-ar")
    page.locator(".languages summary").click()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("#terms")).to_have_attribute("dir", "rtl")
    page.click("#submit")
    page.wait_for_url("**/approve?**")
    told = json.loads(
        demo.assent("audit", "list", "--type", "terms.accepted", "--client", "terms-ar", "--json")
    )
    (event,) = next(iter(told.values()))
    assert event["detail"]["language"] == "ar"
