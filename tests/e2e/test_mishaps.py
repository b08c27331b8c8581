"""What happens anyway: double clicks, the back button, two tabs, a browser without cookies, an hour's pause."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from e2e.authorization import authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import allow, expect_record, launch, sign_in
from e2e.watch import Watch
from services.browser import OPTIONS, chromium_program

pytestmark = pytest.mark.browser


@pytest.fixture
def cookieless(browser: Browser, watch: Watch, tmp_path: Path) -> Iterator[Page]:
    """A page in a browser whose user has switched cookies off."""
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium_program(), args=OPTIONS
    )
    watch.over(context)
    yield context.new_page()
    context.close()


def to_approval(page: Page, demo: Deployment) -> None:
    """As far as amy's approval of a request that no app waits for."""
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")


def expect_an_explanation(page: Page) -> None:
    """A page that says in words what happened, with a reference, and not that the fault is ours."""
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".reference")).to_be_visible()


def test_a_double_click_on_allow_opens_the_record_once(page: Page, demo: Deployment) -> None:
    launch(page, demo, "patient", "amy")
    page.wait_for_url("**/approve?**")
    page.dblclick("#submit", no_wait_after=True)
    expect_record(page, "Amy Okafor")


def test_a_double_click_on_sign_in_signs_in_once(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    page.fill("#username", "amy")
    page.fill("#password", "demo")
    page.dblclick("#submit", no_wait_after=True)
    page.wait_for_url("**/approve?**")


def test_a_double_click_on_a_record_chooses_it_once(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "jonas")
    page.check("input[name=patient][value=leo]")
    page.dblclick("#submit", no_wait_after=True)
    page.wait_for_url("**/approve?**")
    expect(page.locator(".band")).to_contain_text("Leo")


def test_a_double_click_on_deny_says_no_once(page: Page, demo: Deployment) -> None:
    to_approval(page, demo)
    page.dblclick("#deny", no_wait_after=True)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_a_double_click_on_stop_access_and_on_sign_out_does_each_once(page: Page, demo: Deployment) -> None:
    to_approval(page, demo)
    page.click("#submit")
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    page.goto(f"{demo.url}/oauth/revoke")
    stop = "form:has(input[name=client_id][value=demo-app]) button"
    page.dblclick(stop, no_wait_after=True)
    expect(page.locator(".done")).to_be_visible()
    page.goto(f"{demo.url}/oauth/logout")
    page.dblclick("#submit", no_wait_after=True)
    expect(page.locator("h1")).to_have_text("You are signed out")


def test_going_back_after_the_approval_gives_no_second_code(
    page: Page, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 400")
    to_approval(page, demo)
    approval = page.url
    page.click("#submit")
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    first = page.url
    page.goto(approval)
    expect_an_explanation(page)
    assert page.url != first


def test_a_form_that_the_back_button_shows_again_gives_no_second_code(page: Page, demo: Deployment) -> None:
    to_approval(page, demo)
    form = page.content()
    page.click("#submit")
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    code = re.search("code=([^&]+)", page.url)

    def show_again(route: Route) -> None:
        route.fulfill(body=form, content_type="text/html")

    page.route("**/approve-from-memory", show_again)
    page.goto(f"{demo.url}/approve-from-memory")
    page.click("#submit", no_wait_after=True)
    page.wait_for_url(re.compile("code=|/approve\\?"))
    assert code is not None
    assert "code=" not in page.url or code[0] in page.url


def test_two_tabs_of_one_browser_both_arrive(page: Page, demo: Deployment) -> None:
    to_approval(page, demo)
    other = page.context.new_page()
    other.goto(authorize_url(demo, state="second"))
    for tab in (other, page):
        allow(tab)
        tab.wait_for_url(f"{demo.app_url}/demo/app/**")


@pytest.mark.parametrize("person", ["amy", "lee"])
def test_a_page_from_before_a_new_sign_in_decides_nothing_until_it_is_seen_again(
    page: Page, demo: Deployment, watch: Watch, person: str
) -> None:
    watch.expect("status of 403")
    page.goto(authorize_url(demo, scope="openid fhirUser"))
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")
    expect(page.locator(".signed-in")).to_contain_text("Amy Okafor")
    other = page.context.new_page()
    other.goto(authorize_url(demo, state="second", prompt="login"))
    sign_in(other, person)
    other.wait_for_url("**/approve?**" if person == "amy" else "**/context?**")
    page.click("#submit")
    expect_an_explanation(page)
    page.click("main a.button")
    page.wait_for_url("**/approve?**")
    expect(page.locator(".signed-in")).to_contain_text("Amy Okafor" if person == "amy" else "Hannah Lee")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_a_browser_that_blocks_cookies_is_told_so(cookieless: Page, demo: Deployment, watch: Watch) -> None:
    watch.expect("status of 40")
    cookieless.goto(authorize_url(demo))
    if cookieless.locator("#username").count():
        sign_in(cookieless, "amy")
    expect_an_explanation(cookieless)
    expect(cookieless.locator("main")).to_contain_text("cookie")


def test_another_browser_cannot_go_on_where_one_has_stopped(
    page: Page, open_context: OpenContext, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 400")
    to_approval(page, demo)
    elsewhere = open_context().new_page()
    elsewhere.goto(page.url)
    expect_an_explanation(elsewhere)
    assert "Amy" not in elsewhere.inner_text("body")


def test_an_address_that_leads_nowhere_says_so(page: Page, demo: Deployment, watch: Watch) -> None:
    watch.expect("status of 404")
    page.goto(f"{demo.url}/no/such/page")
    expect_an_explanation(page)
