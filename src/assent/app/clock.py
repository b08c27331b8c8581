"""The clock that all nodes share: the database's, asked now and then, carried on by this machine's monotonic one."""

import time

from assent.storage.interface import Backend


class DatabaseClock:
    """Epoch seconds as the database counts them. `synchronise` is called at start and by the periodic work."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Epoch seconds, fractional."""
        return time.monotonic() + self._offset

    async def synchronise(self, backend: Backend) -> None:
        """Asks the database; half the round trip is taken off."""
        before = time.monotonic()
        theirs = await backend.now()
        after = time.monotonic()
        self._offset = theirs - (before + after) / 2
