"""The whole application for a test: `application` as it is by default, `open_with` for other settings."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from assent.app.installation import open_installation
from assent.app.observation import configure_logs
from assent.app.serving.http import build_app
from assent.testing.application import Application, open_application, set_up

OpenWith = Callable[..., Awaitable[Application]]
_T = TypeVar("_T")


@pytest.fixture(scope="session")
def installation_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that is set up and copied for each test."""
    folder = tmp_path_factory.mktemp("installation")
    asyncio.run(set_up(folder))
    return folder


@pytest.fixture
async def open_with(installation_template: Path, tmp_path: Path) -> AsyncIterator[OpenWith]:
    """Opens an application with the settings named, as `open_application` takes them."""
    async with AsyncExitStack() as stack:
        numbers = count()

        async def open_(**given: Any) -> Application:
            folder = tmp_path / f"installation-{next(numbers)}"
            folder.mkdir()
            return await stack.enter_async_context(open_application(installation_template, folder, **given))

        yield open_


@pytest.fixture
async def application(open_with: OpenWith) -> Application:
    """The application with the default settings."""
    return await open_with()


@pytest.fixture
async def open_beside() -> AsyncIterator[Callable[[Application], Awaitable[Application]]]:
    """Opens a second node on the database of an application."""
    async with AsyncExitStack() as stack:

        async def open_(first: Application) -> Application:
            settings, folder = first.installation.settings, first.installation.folder
            opened = open_installation(settings, folder, upstream=first.fhir, clock=first.clock)
            installation = await stack.enter_async_context(opened)
            log = configure_logs(settings.server.log_format, settings.server.log_level)
            return Application(installation, build_app(installation, log), first.clock, first.fhir)

        yield open_


@dataclass
class Driven:
    """An application for tests that are no coroutines themselves, as hypothesis wants them."""

    application: Application
    run: Callable[[Coroutine[Any, Any, _T]], _T]


@pytest.fixture
def driven(installation_template: Path, tmp_path: Path) -> Iterator[Driven]:
    """The application in an event loop of its own."""
    folder = tmp_path / "driven"
    folder.mkdir()
    with asyncio.Runner() as runner:
        opened = open_application(installation_template, folder)
        application = runner.run(opened.__aenter__())
        yield Driven(application, runner.run)
        runner.run(opened.__aexit__(None, None, None))
