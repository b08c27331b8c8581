"""What the tests of actions ask for: a server on memory storage, its clock standing still."""

from collections.abc import AsyncIterator

import pytest

from assent.testing.server import TestServer, a_server


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    """A server with its surroundings."""
    served = await a_server()
    yield served
    await served.close()
