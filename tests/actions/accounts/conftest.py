"""What races need: an empty database of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.storage.interface import Backend
from assent.storage.memory import open_memory
from assent.storage.sql.postgres import open_postgres
from assent.storage.sql.sqlite import open_sqlite


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    """An open, empty database."""
    match request.param:
        case "memory":
            opened: Backend = open_memory()
        case "sqlite":
            opened = open_sqlite(f"sqlite:///{tmp_path / 'assent.db'}")
        case _:
            opened = open_postgres(request.getfixturevalue("postgres_url"))
    await opened.migrate()
    await opened.open()
    yield opened
    await opened.close()
