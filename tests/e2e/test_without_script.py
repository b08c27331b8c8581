"""The server's own pages need no script: the whole way through, with JavaScript switched off."""

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import allow, choose, revoke, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """A page in a browser without script."""
    return open_context(java_script_enabled=False).new_page()


def test_a_person_signs_in_allows_and_the_app_has_a_code(page: Page, deployment: Deployment) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    answer = answer_in(page.url)
    assert answer["code"]
    assert (answer["state"], answer["iss"]) == ("an opaque state", deployment.url)


def test_a_clinician_searches_picks_and_allows(page: Page, deployment: Deployment) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "lee")
    page.fill("#search", "weber")
    page.click("#find")
    choose(page, "leo")
    expect(page.locator(".band")).to_contain_text("Leo Weber")
    allow(page)
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    assert answer_in(page.url)["code"]


def test_the_language_is_switched_by_keyboard_and_stays_to_the_end(
    page: Page, deployment: Deployment
) -> None:
    page.goto(authorize_url(deployment))
    page.locator(".languages summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    allow(page)
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    assert answer_in(page.url)["code"]


def test_a_wrong_password_is_said_and_can_be_corrected(page: Page, deployment: Deployment) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "amy", "not her password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#username")).to_have_value("amy")
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")


def test_a_no_goes_back_to_the_app(page: Page, deployment: Deployment) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "amy")
    page.click("#deny")
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    assert answer_in(page.url)["error"] == "access_denied"
    assert answer_in(page.url)["state"] == "an opaque state"


def test_apps_with_access_are_listed_and_stopped_and_the_person_signs_out(
    page: Page, deployment: Deployment
) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "jonas")
    choose(page, "leo")
    allow(page)
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    page.goto(f"{deployment.url}/oauth/revoke")
    access = page.locator(".access:has(input[name=client_id][value=demo-app])")
    expect(access).to_contain_text("Vital Signs")
    revoke(page, deployment, "demo-app")
    expect(page.locator(".done")).to_contain_text("Vital Signs")
    expect(access).to_have_count(0)
    page.goto(f"{deployment.url}/oauth/logout")
    page.click("#submit")
    expect(page.locator("h1")).to_have_text("You are signed out")
    page.goto(f"{deployment.url}/oauth/revoke")
    expect(page.locator("#password")).to_be_visible()


def test_an_app_is_left_less_and_the_person_signs_out_everywhere(page: Page, deployment: Deployment) -> None:
    page.goto(authorize_url(deployment))
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{deployment.app_url}/demo/app/?**")
    page.goto(f"{deployment.url}/account")
    page.locator("#apps ~ p a").click()
    page.get_by_role("link", name="Change access of Vital Signs").click()
    expect(page.locator("h1")).to_have_text("What may Vital Signs keep?")
    page.uncheck('input[value="patient/Observation.rs"]')
    page.click("#submit")
    expect(page.locator(".done")).to_contain_text("Vital Signs")
    # other tests may have left other apps, and this app without a record
    app = page.locator(".access").filter(has_text="Vital Signs")
    shown = app.locator(".record").filter(has_not_text="No health record")
    shown.locator("summary").click()
    expect(shown.locator("details")).not_to_contain_text("Results and measurements")
    page.get_by_role("link", name="Your account").click()
    page.click("#everywhere")
    expect(page.locator("h1")).to_have_text("You are signed out everywhere")
    page.goto(f"{deployment.url}/account")
    expect(page.locator("#password")).to_be_visible()
