"""What a keyboard must not do by accident; a phone and large text, as the whole way through is seen."""

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import choose, expect_record, launch, sign_in

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640}
TOUCH_PIXELS = 44


def test_enter_pressed_by_accident_gives_nothing_away(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")
    page.locator("input[name=scope]").first.focus()
    with page.expect_navigation(url=f"{demo.app_url}/demo/app/**"):
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Nothing was shared")


def test_the_skip_link_leads_past_the_frame(page: Page, demo: Deployment) -> None:
    page.goto(f"{demo.url}/oauth/logout")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()


def test_on_a_phone_nothing_is_cut_off_and_everything_can_be_hit(
    open_context: OpenContext, demo: Deployment
) -> None:
    page = open_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto(f"{demo.app_url}/")
    expect_no_wider(page)
    page.tap("#launch-parent")
    page.wait_for_url("**/login?**")
    expect_fits(page)
    sign_in(page, "jonas")
    page.wait_for_url("**/context?**")
    expect_fits(page)
    choose(page, "leo")
    page.wait_for_url("**/approve?**")
    expect_fits(page)
    assert "Leo Weber" in text_in_view(page)
    assert "Vital Signs" in text_in_view(page)
    page.tap("#submit")
    expect_record(page, "Leo Weber")
    expect_no_wider(page)


def test_with_text_twice_as_large_nothing_is_cut_off(open_context: OpenContext, demo: Deployment) -> None:
    page = open_context(viewport={"width": 640, "height": 800}).new_page()
    launch(page, demo, "patient", "amy")
    page.wait_for_url("**/approve?**")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    expect_no_wider(page)


def expect_fits(page: Page) -> None:
    """No sideways scrolling, and every control is large enough for a finger."""
    expect_no_wider(page)
    for control in page.locator("main button, main label.pick, main input[type=text], main summary").all():
        box = control.bounding_box()
        if box is not None and control.is_visible():
            assert box["height"] >= TOUCH_PIXELS, control.evaluate("one => one.outerHTML")


def expect_no_wider(page: Page) -> None:
    """The page is no wider than the screen."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def text_in_view(page: Page) -> str:
    """The text above the fold."""
    return str(
        page.evaluate(
            """() => [...document.querySelectorAll("main h1, main p, main strong")]
                 .filter(one => one.getBoundingClientRect().bottom <= innerHeight)
                 .map(one => one.innerText).join("\\n")"""
        )
    )
