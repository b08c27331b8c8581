"""What happens anyway: double clicks, the back button, two tabs, a browser without cookies, an hour's pause."""

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.authorization import answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import allow, expect_record, launch, sign_in
from e2e.watch import Watch

pytestmark = pytest.mark.browser


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


def test_a_form_that_the_back_button_shows_again_gives_no_second_code(
    page: Page, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 400")
    to_approval(page, demo)
    form = page.content()
    page.click("#submit")
    page.wait_for_url(f"{demo.app_url}/demo/app/**")

    def show_again(route: Route) -> None:
        route.fulfill(body=form, content_type="text/html")

    page.route("**/approve-from-memory", show_again)
    page.goto(f"{demo.url}/approve-from-memory")
    page.click("#submit")
    page.wait_for_url("**/approve?**")
    expect_an_explanation(page)


def test_two_tabs_of_one_browser_do_not_disturb_each_other(page: Page, demo: Deployment) -> None:
    other = page.context.new_page()
    page.goto(authorize_url(demo, state="first"))
    other.goto(authorize_url(demo, state="second"))
    sign_in(other, "amy")
    other.wait_for_url("**/approve?**")
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    allow(other)
    other.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_signing_in_as_another_in_a_second_tab_asks_again_in_the_first(page: Page, demo: Deployment) -> None:
    to_approval(page, demo)
    other = page.context.new_page()
    launch(other, demo, "clinician", "lee")
    other.wait_for_url("**/context?**")
    page.click("#submit")
    page.wait_for_url("**/login?**")
    assert "code" not in answer_in(page.url)


def test_a_browser_that_blocks_cookies_is_told_so(
    open_context: OpenContext, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 403")
    context = open_context()

    def without_cookies(route: Route) -> None:
        headers = {name: value for name, value in route.request.headers.items() if name != "cookie"}
        answer = route.fetch(headers=headers, max_redirects=0)
        kept = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        route.fulfill(response=answer, headers=kept)

    context.route("**/*", without_cookies)
    page = context.new_page()
    page.goto(authorize_url(demo))
    page.wait_for_load_state()
    if page.locator("#username").count():
        sign_in(page, "amy")
    expect_an_explanation(page)
    expect(page.locator("main")).to_contain_text("cookie")


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
