"""A real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts import services

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(
    timeout=30_000
)  # as long as Playwright waits for everything else; by itself it gives five seconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for the tests of a module; each makes a context of its own, which is where cookies are.

    Playwright's synchronous interface occupies the thread's event loop: such a module has no async tests.
    """
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium_program(), headless=True, args=OPTIONS)
        yield chrome
        chrome.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh browser context, with no cookies and English as its language."""
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


def chromium_program() -> str:
    """Where Chromium is; fails the test where it is not."""
    found = os.environ.get(services.CHROMIUM) or shutil.which("chromium")
    if not found:
        pytest.fail(
            f"no browser: install Debian's package chromium, or name a program in {services.CHROMIUM}"
        )
    return found
