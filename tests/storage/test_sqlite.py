"""The storage suite on SQLite, and what only SQLite has."""

from pathlib import Path

import pytest

from assent.storage.sql.sqlite import open_sqlite
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_races import RaceSuite
from assent.testing.storage_suite import StorageSuite


@pytest.fixture
def make_backend(tmp_path: Path) -> MakeBackend:
    return lambda: open_sqlite(f"sqlite:///{tmp_path}/assent.db")


class TestSqlite(StorageSuite):
    pass


class TestSqliteRaces(RaceSuite):
    pass
