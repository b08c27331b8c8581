"""Allowing some kinds of results in a real browser: without script, and with nothing but a keyboard."""

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import VERIFIER, answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.journey import sign_in

pytestmark = pytest.mark.browser

WIDE = "patient/Observation.rs"
LABORATORY = f"{WIDE}?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
SCOPE = f"openid launch/patient {WIDE} patient/Condition.rs"


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """A page in a browser without script."""
    return open_context(java_script_enabled=False).new_page()


def open_kinds(page: Page, demo: Deployment) -> None:
    """Signs Amy in, for an app that asks for observations, and opens their kinds."""
    page.goto(authorize_url(demo, scope=SCOPE))
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")
    expect(page.locator(f'[name=part][value="{LABORATORY}"]')).not_to_be_visible()
    row = page.locator("li", has=page.locator(f'[name=scope][value="{WIDE}"]'))
    expect(row.locator("summary")).to_contain_text("Choose kinds")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f'[name=part][value="{LABORATORY}"]')).to_be_visible()


def test_one_kind_is_left_out_by_keyboard_and_without_script(page: Page, demo: Deployment) -> None:
    open_kinds(page, demo)
    page.keyboard.press("Tab")  # from the summary to the first kind: the marker before it takes no focus
    expect(page.locator(f'[name=part][value="{LABORATORY}"]')).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(f'[name=part][value="{LABORATORY}"]')).not_to_be_checked()
    granted = allow(page, demo)
    assert LABORATORY not in granted
    assert (
        f"{WIDE}?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs" in granted
    )
    assert WIDE not in granted
    assert "patient/Condition.rs" in granted


def test_with_no_kind_ticked_nothing_of_it_is_granted(page: Page, demo: Deployment) -> None:
    open_kinds(page, demo)
    row = page.locator("li", has=page.locator(f'[name=scope][value="{WIDE}"]'))
    for box in row.locator("[name=part]").all():
        box.uncheck()
    granted = allow(page, demo)
    assert not [scope for scope in granted if "Observation" in scope]


def test_with_all_kinds_ticked_the_whole_is_granted(page: Page, demo: Deployment) -> None:
    open_kinds(page, demo)
    assert allow(page, demo) == SCOPE.split()


def test_how_much_there_is_stands_beside_each_choice(page: Page, demo: Deployment) -> None:
    page.goto(authorize_url(demo, scope=SCOPE))
    sign_in(page, "amy")
    counted = page.get_by_text(re.compile(r"[1-9]\d* results and measurements"))
    until = time.monotonic() + 60
    while not counted.count() and time.monotonic() < until:
        page.reload()  # numbers have 300 ms, which a busy machine may need for itself
    expect(counted).to_be_visible()


def allow(page: Page, demo: Deployment) -> list[str]:
    """Says yes, and redeems the code for the scope that was granted."""
    page.focus("#submit")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.app_url}/demo/app/?**")
    fields = {
        "grant_type": "authorization_code",
        "client_id": "demo-app",
        "code": answer_in(page.url)["code"],
        "redirect_uri": f"{demo.app_url}/demo/app/",
        "code_verifier": VERIFIER,
    }
    granted: str = httpx.post(f"{demo.url}/oauth/token", data=fields, timeout=60).json()["scope"]
    return granted.split()
