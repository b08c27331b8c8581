"""The storage suite on memory."""

import pytest

from assent.storage.memory import open_memory
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_races import RaceSuite
from assent.testing.storage_suite import StorageSuite


@pytest.fixture
def make_backend() -> MakeBackend:
    backend = open_memory()
    return lambda: backend


class TestMemory(StorageSuite):
    pass


class TestMemoryRaces(RaceSuite):
    pass
