"""The deployments, each started once for all tests that ask for it, and browsers that are watched."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from e2e.clinic import Clinic, run_clinic
from e2e.deployments import Deployment, run_demo, run_installation
from e2e.watch import Watch
from services.postgres import new_database

OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """`assent demo`, on SQLite."""
    with run_demo(tmp_path_factory.mktemp("demo")) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Deployment]:
    """`assent serve` on PostgreSQL, with a FHIR server and an app of other hosts."""
    with (
        new_database(postgres_server) as url,
        run_installation(tmp_path_factory.mktemp("installation"), url) as deployment,
    ):
        yield deployment


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """`assent serve` on SQLite, with mail."""
    with run_clinic(tmp_path_factory.mktemp("clinic")) as clinic:
        yield clinic


@pytest.fixture(params=[pytest.param("demo", id="sqlite"), pytest.param("installation", id="postgres")])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Both, one after the other."""
    found: Deployment = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the test's browsers noticed; at the end nothing unexpected may be in it."""
    watch = Watch()
    yield watch
    watch.check()


@pytest.fixture
def open_context(browser: Browser, watch: Watch) -> Iterator[OpenContext]:
    """Opens browser contexts, watched, with Playwright's own options (`java_script_enabled`, `viewport`, …)."""
    contexts: list[BrowserContext] = []

    def open_(**options: Any) -> BrowserContext:
        context = browser.new_context(locale="en-US", **options)
        watch.over(context)
        contexts.append(context)
        return context

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """A page in a fresh, watched browser."""
    return open_context().new_page()
