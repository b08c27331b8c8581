"""The fixtures of `services.browser` start Debian's Chromium."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_chromium_shows_a_page_and_runs_its_script(page: Page) -> None:
    page.set_content("<h1></h1><script>document.querySelector('h1').textContent = 6 * 7</script>")
    assert page.inner_text("h1") == "42"


def test_every_test_starts_without_cookies(page: Page) -> None:
    assert page.context.cookies() == []
