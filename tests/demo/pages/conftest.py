"""A running demo site over real HTTP, and a browser that looks at it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from running_site import Running, run_site


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests of this folder."""
    with run_site(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def running(listening: Running) -> Running:
    """The server, with a stub that has heard nothing yet."""
    stub = listening.stub
    stub.calls.clear()
    stub.answers.clear()
    stub.launches.clear()
    stub.scope, stub.revoked = None, False
    return listening


@pytest.fixture
def context(browser: Browser, running: Running) -> Iterator[BrowserContext]:
    """A fresh browser profile; the test fails when a page breaks its own policy or asks a third party."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    complaints: list[str] = []
    context.on(
        "console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None
    )
    context.on("weberror", lambda e: complaints.append(str(e.error)))
    context.on(
        "request", lambda r: None if r.url.startswith(running.url) else complaints.append(f"asked {r.url}")
    )
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
