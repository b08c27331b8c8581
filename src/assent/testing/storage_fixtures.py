"""What the storage suites stand on: an open backend, the storages of two issuers.

A backend's tests are classes that inherit the suites, beside one fixture, `make_backend`: a function that gives a
new, unopened backend on the same database at each call. Nothing in the suites knows which backend it is.
"""

from collections.abc import AsyncIterator, Callable

import pytest

from assent.storage.interface import Backend, Storage

MakeBackend = Callable[[], Backend]


class StorageFixtures:
    """A migrated, open backend for each test."""

    @pytest.fixture
    async def backend(self, make_backend: MakeBackend) -> AsyncIterator[Backend]:
        backend = make_backend()
        await backend.migrate()
        await backend.open()
        yield backend
        await backend.close()

    @pytest.fixture
    def storage(self, backend: Backend) -> Storage:
        return backend.scoped("https://one.example")

    @pytest.fixture
    def other(self, backend: Backend) -> Storage:
        """Another issuer in the same database."""
        return backend.scoped("https://two.example")
