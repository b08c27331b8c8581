"""Sessions that ended meanwhile, cookies that were cleared, a second window: in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import authorize_url
from e2e.deployments import Deployment
from e2e.journey import allow, choose, sign_in
from e2e.watch import Watch

pytestmark = pytest.mark.browser

AT_APPROVAL = re.compile(r"/approve\?")
AT_LOGIN = re.compile(r"/login\?")
SESSION, BROWSER = "assent-session", "assent-browser"


def lose_session(page: Page) -> None:
    """The browser's session ends, as when it ran out."""
    page.context.clear_cookies(name=SESSION)


def expect_refused_form(page: Page) -> None:
    """The page that cannot be sure of a form, with the way back to it."""
    expect(page.locator("h1")).to_have_text("We could not be sure that this form came from you")
    expect(page.locator(".reference")).to_be_visible()
    page.click("main a.button")


def test_who_took_too_long_on_the_approval_signs_in_again_and_goes_on(
    page: Page, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 403")
    page.goto(authorize_url(demo))
    sign_in(page, "jonas")
    choose(page, "leo")
    page.wait_for_url(AT_APPROVAL)
    lose_session(page)
    page.click("#submit")
    expect_refused_form(page)
    page.wait_for_url(AT_LOGIN)
    sign_in(page, "jonas")
    choose(page, "leo")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_who_comes_back_to_a_page_after_the_session_ended_signs_in_and_goes_on(
    page: Page, demo: Deployment
) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    page.wait_for_url(AT_APPROVAL)
    lose_session(page)
    page.reload()
    page.wait_for_url(AT_LOGIN)
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


@pytest.mark.parametrize("path", ["/oauth/revoke", "/account"])
def test_an_own_page_comes_back_after_signing_in_again(page: Page, demo: Deployment, path: str) -> None:
    page.goto(f"{demo.url}{path}")
    sign_in(page, "amy")
    expect(page).to_have_url(f"{demo.url}{path}")
    demo.assent("session", "end", "--user", "amy")
    page.reload()
    expect(page.locator("#password")).to_be_visible()
    sign_in(page, "amy")
    expect(page).to_have_url(f"{demo.url}{path}")


@pytest.mark.parametrize("step", ["login", "approval"])
def test_cookies_that_are_cleared_on_the_way_are_told_of_and_lead_round_in_no_circle(
    page: Page, demo: Deployment, watch: Watch, step: str
) -> None:
    watch.expect("status of 40")
    page.goto(authorize_url(demo))
    if step == "approval":
        sign_in(page, "amy")
        page.wait_for_url(AT_APPROVAL)
        page.context.clear_cookies()
        page.click("#submit")
    else:
        page.context.clear_cookies()
        sign_in(page, "amy")
    expect_refused_form(page)
    expect(page.locator("h1")).to_have_text("This browser did not start here")
    expect(page.locator("main")).to_contain_text("Allow cookies")
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_two_requests_in_two_tabs_keep_their_records_apart(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo, state="first"))
    sign_in(page, "jonas")
    choose(page, "leo")
    page.wait_for_url(AT_APPROVAL)
    other = page.context.new_page()
    other.goto(authorize_url(demo, state="second"))
    choose(other, "mia")
    other.wait_for_url(AT_APPROVAL)
    page.reload()
    expect(page.locator(".band")).to_contain_text("Leo")
    expect(other.locator(".band")).to_contain_text("Mia")
    for tab in (page, other):
        allow(tab)
        tab.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_a_second_tab_that_is_still_at_the_sign_in_goes_on_once_the_first_has_signed_in(
    page: Page, demo: Deployment
) -> None:
    page.goto(authorize_url(demo, state="first"))
    other = page.context.new_page()
    other.goto(authorize_url(demo, state="second"))
    sign_in(page, "amy")
    page.wait_for_url(AT_APPROVAL)
    other.reload()
    other.wait_for_url(AT_APPROVAL)


def test_a_demo_opened_at_an_address_instead_of_its_name_works(page: Page, demo: Deployment) -> None:
    address = demo.url.replace("localhost", "127.0.0.1")
    page.goto(f"{address}/oauth/revoke")
    expect(page).to_have_url(re.compile(f"^{re.escape(demo.url)}/login"))
    sign_in(page, "amy")
    expect(page).to_have_url(f"{demo.url}/oauth/revoke")
