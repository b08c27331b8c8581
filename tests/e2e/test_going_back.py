"""The back button and reloading, after each step, in a real browser: nothing happens twice, and nobody is stuck."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import authorize_url
from e2e.deployments import Deployment
from e2e.journey import allow, choose, sign_in
from e2e.watch import Watch

pytestmark = pytest.mark.browser

AT_APPROVAL = re.compile(r"/approve\?")
AT_CONTEXT = re.compile(r"/context\?")


def expect_an_explanation(page: Page) -> None:
    """A page that says in words what happened, with a reference."""
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".reference")).to_be_visible()


def test_back_from_a_wrong_password_and_on_again(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy", "not her password")
    expect(page.locator("#problem")).to_be_visible()
    page.go_back()
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")


def test_a_wrong_password_is_reloaded_without_harm(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy", "not her password")
    expect(page.locator("#problem")).to_be_visible()
    page.reload()
    expect(page.locator("#username")).to_be_visible()
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")


def test_back_from_the_choice_of_a_record_shows_the_step_that_is_due(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "jonas")
    page.wait_for_url(AT_CONTEXT)
    page.go_back()
    page.go_forward()
    expect(page).to_have_url(AT_CONTEXT)
    choose(page, "leo")
    page.wait_for_url(AT_APPROVAL)
    page.go_back()
    expect(page).to_have_url(AT_APPROVAL)
    expect(page.locator(".band")).to_contain_text("Leo")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


def test_reloading_the_approval_asks_the_same_again(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    page.wait_for_url(AT_APPROVAL)
    page.reload()
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")


@pytest.mark.parametrize("button", ["#submit", "#deny"])
def test_back_from_the_app_says_that_this_is_done(
    page: Page, demo: Deployment, watch: Watch, button: str
) -> None:
    watch.expect("status of 400")
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    page.wait_for_url(AT_APPROVAL)
    page.click(button)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    page.go_back()
    page.wait_for_url(AT_APPROVAL)
    expect_an_explanation(page)
    expect(page.locator("h1")).to_have_text("This step is already done")
    page.reload()
    expect_an_explanation(page)


def test_back_after_stopping_an_app_does_not_start_it_again(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo))
    sign_in(page, "amy")
    allow(page)
    page.wait_for_url(f"{demo.app_url}/demo/app/**")
    page.goto(f"{demo.url}/oauth/revoke")
    page.locator("form:has(input[name=client_id][value=demo-app])").get_by_role("button").click()
    expect(page.locator(".done")).to_be_visible()
    page.reload()
    page.go_back()
    expect(page.locator("h1")).to_be_visible()
    page.goto(f"{demo.url}/oauth/revoke")
    expect(page.locator("input[name=client_id][value=demo-app]")).to_have_count(0)


def test_back_after_signing_out_shows_nothing_of_the_account(page: Page, demo: Deployment) -> None:
    page.goto(f"{demo.url}/oauth/revoke")
    sign_in(page, "amy")
    expect(page.locator(".signed-in")).to_contain_text("Amy Okafor")
    page.goto(f"{demo.url}/oauth/logout")
    page.click("#submit")
    expect(page.locator("h1")).to_have_text("You are signed out")
    page.go_back()
    page.go_back()
    expect(page.locator("#password")).to_be_visible()
    assert "Amy" not in page.inner_text("body")
