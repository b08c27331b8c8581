"""The storage suite on PostgreSQL, and what only PostgreSQL has."""

import pytest

from assent.storage.sql.postgres import open_postgres
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_races import RaceSuite
from assent.testing.storage_suite import StorageSuite

pytestmark = pytest.mark.postgres


@pytest.fixture
def make_backend(postgres_url: str) -> MakeBackend:
    return lambda: open_postgres(postgres_url)


class TestPostgres(StorageSuite):
    pass


class TestPostgresRaces(RaceSuite):
    pass
