"""The whole application for a test: `application` as it is by default, `open_with` for other settings."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from assent.testing.application import Application, open_application, set_up

OpenWith = Callable[..., Awaitable[Application]]


@pytest.fixture(scope="session")
async def installation_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that is set up and copied for each test."""
    folder = tmp_path_factory.mktemp("installation")
    await set_up(folder)
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
