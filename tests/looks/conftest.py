"""The servers of the pages, each started once, and one browser window for all tests of a module."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from e2e.clinic import Clinic, run_clinic
from looks.load import Load
from looks.screens import PHONE
from looks.scripts import equip
from scripts.preview_pages import build_app, serving
from scripts.screenshots import demo


@dataclass(frozen=True, slots=True)
class Window:
    """A page with axe-core in it, and what it loads."""

    page: Page
    load: Load

    def open(self, url: str) -> None:
        """Goes there, as somebody who just arrives."""
        self.load.forget()
        self.page.goto(url)


@pytest.fixture(scope="session")
def samples_url() -> Iterator[str]:
    """The sample pages, at `/<language>/<sample>`."""
    with serving(build_app()) as url:
        yield url


@pytest.fixture(scope="session")
def demo_url() -> Iterator[str]:
    """A running demo."""
    with demo() as url:
        yield url


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A running server with mail."""
    with run_clinic(tmp_path_factory.mktemp("clinic")) as clinic:
        yield clinic


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all pages of a module: opening one a page takes longer than looking at the page."""
    context = browser.new_context(locale="en-GB", viewport=PHONE, reduced_motion="reduce")
    equip(context)
    yield context
    context.close()


@pytest.fixture(scope="module")
def window(context: BrowserContext) -> Window:
    """The window in which the samples are opened, one after the other."""
    page = context.new_page()
    return Window(page, Load().over(page))
