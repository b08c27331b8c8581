"""Rows that many requests read and few acts change, remembered until PostgreSQL says that somebody changed them.

Whoever writes to a table that `repeats` also notifies a channel, in the same transaction (`postgres_chains`), and every
process listens to it. What is remembered is forgotten at once when a notification comes, when this process itself has
written to such a table, and in any case after a second: a row changed by hand, or a connection that is cut without
anybody being told, is not believed for longer. While nobody listens, nothing is remembered.
"""

import asyncio
from contextlib import suppress
from typing import Any

from assent.storage.interface import Key, StorageError, Table
from assent.storage.sql.postgres_chains import CHANNEL
from assent.storage.sql.postgres_pool import FAULTS, connect
from assent.storage.sql.postgres_reads import Reads

_KEPT_SECONDS = 1.0
_MOST_KEPT = 1024
_TRY_AGAIN_SECONDS = 0.5


class Remembered:
    """What is remembered of one database."""

    def __init__(self, url: str, reads: Reads) -> None:
        self._url = url
        self._reads = reads
        self._kept: dict[tuple[str, Table[Any], Key], tuple[float, Any]] = {}
        self._turn = 0
        self._is_listening = False
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to listen; returns when it does, or has failed to for the first time."""
        begun = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(begun))
        await begun.wait()

    async def close(self) -> None:
        """Ends listening."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        self._is_listening = False
        self.forget()

    async def get(self, issuer: str, table: Table[Any], key: Key) -> Any:
        """The record with this key, or None."""
        now = asyncio.get_running_loop().time()
        place = issuer, table, key
        kept = self._kept.get(place)
        if kept is not None and now < kept[0]:
            return kept[1]
        turn = self._turn
        record = await self._reads.get(issuer, table, key)
        # a change that was told of meanwhile may be younger than what was read
        if record is not None and self._is_listening and turn == self._turn:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[place] = now + _KEPT_SECONDS, record
        return record

    def forget(self, *_notification: object) -> None:
        """Forgets everything, also what is being read."""
        self._turn += 1
        self._kept.clear()

    async def _listen(self, begun: asyncio.Event) -> None:
        while True:
            with suppress(StorageError, *FAULTS):
                await self._listen_once(begun)
            begun.set()
            await asyncio.sleep(_TRY_AGAIN_SECONDS)

    async def _listen_once(self, begun: asyncio.Event) -> None:
        """Listens until the connection ends."""
        ended = asyncio.Event()
        connection = await connect(self._url)
        try:
            connection.add_termination_listener(lambda _connection: ended.set())
            await connection.add_listener(CHANNEL, self.forget)
            self._is_listening = True
            begun.set()
            await ended.wait()
        finally:
            self._is_listening = False
            self.forget()
            connection.terminate()
