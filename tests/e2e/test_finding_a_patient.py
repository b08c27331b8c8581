"""A clinician finds a patient: by keyboard alone, without script, and again among those opened last."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import allow, choose, sign_in

pytestmark = pytest.mark.browser


def test_a_search_and_a_choice_need_no_mouse_and_no_script(
    open_context: OpenContext, demo: Deployment
) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(authorize_url(demo))
    sign_in(page, "lee")
    page.wait_for_url("**/context?**")
    page.locator("#search").focus()
    page.keyboard.type("weber")
    page.keyboard.press("Enter")
    expect(page.locator("legend")).to_have_text("Patients found for “weber”")
    assert "weber" not in page.url
    press_tab_to(page, "input[name=patient]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # goes on: the same as the button Continue
    page.wait_for_url("**/approve?**")
    expect(page.locator(".band")).to_contain_text("Weber")


def test_enter_before_a_choice_asks_for_one(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "jonas")
    page.locator("input[name=patient]").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("input[name=patient]").first.evaluate("one => one.matches(':invalid')")
    expect(page).to_have_url(page.url)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approve?**")


def test_what_is_too_little_is_said_where_it_was_typed(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "lee")
    page.fill("#search", "w")
    page.click("#find")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("w")


def test_the_patient_opened_last_is_offered_first(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "lee")
    page.fill("#search", "okafor")
    page.click("#find")
    choose(page, "chidi")
    allow(page)
    page.wait_for_url(re.compile("[?&]code="))
    assert answer_in(page.url)["code"]
    page.goto(authorize_url(demo))
    expect(page.locator("fieldset").first).to_contain_text("Opened by you recently")
    expect(page.locator("fieldset").first.locator("input[value=chidi]")).to_have_count(1)
    expect(page.locator("input[value=chidi]")).to_have_count(1)


def press_tab_to(page: Page, selector: str) -> None:
    """Presses Tab until an element of this kind has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"Tab never reaches {selector} at {page.url}")
