"""Connections to PostgreSQL: how they are set up, how faults are told, when a statement may be sent again."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from assent.storage.interface import StorageError

Result = TypeVar("Result")

FAULTS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server broke off between two statements
    OSError,
    TimeoutError,
)
_BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)

CONNECTIONS = 8
_SHARE_AT_HAND = 4
"""One of so many connections may wait to read, rather than for whoever comes next."""

_TRIES = 20
_COMMAND_SECONDS = 30
_CLOSE_SECONDS = 8

_SESSION = {
    "application_name": "assent",
    # A write answers by what it found after waiting for another's, not by failing.
    "default_transaction_isolation": "read committed",
    # Every statement looks rows up in an index, also where the table was empty when its plan was made.
    "enable_seqscan": "off",
    "jit": "off",
}


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is not typed
    """A connection that is given back without a RESET: nothing of ours changes a session."""

    def get_reset_query(self) -> str:
        """Nothing; an open transaction is rolled back all the same."""
        return ""


async def connect(url: str) -> Connection:
    """A connection of its own. Raises `StorageError`."""
    try:
        connection: Connection = await asyncpg.connect(
            url, connection_class=Connection, server_settings=_SESSION, timeout=10
        )
    except (*FAULTS, ValueError) as error:
        raise failure(error) from error
    return connection


class Pool:
    """The connections of this process.

    Some that read are kept at hand: giving one back and getting it again costs half as much as what is read.
    """

    def __init__(self, url: str, connections: int = CONNECTIONS) -> None:
        self._most = connections
        self._at_hand: list[Connection] = []
        self._most_at_hand = connections // _SHARE_AT_HAND
        self._pool = asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            max_queries=1_000_000,
            max_cached_statement_lifetime=60,  # so long may a plan be kept that was made when a table was small
            timeout=10,
            command_timeout=_COMMAND_SECONDS,
            connection_class=Connection,
            server_settings=_SESSION,
            statement_cache_size=1024,
            max_cacheable_statement_size=1 << 17,
        )

    async def open(self) -> None:
        """Connects. Raises `StorageError`."""
        try:
            await self._pool
        except (*FAULTS, ValueError) as error:
            raise failure(error) from error

    async def close(self) -> None:
        """Disconnects when what runs has ended, or after some seconds."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                while self._at_hand:
                    await self._pool.release(self._at_hand.pop())
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def read(self, sql: str, *values: Any) -> list[Any]:
        """The rows of a statement that changes nothing; sent again when its connection had broken."""
        for _ in range(self._most + 1):  # all of them may have broken at once
            try:
                return await self._read(sql, values)
            except _BROKEN as error:
                broken = error
            except FAULTS as error:
                raise failure(error) from error
        raise failure(broken)

    async def write(self, sql: str, *values: Any) -> list[Any]:
        """The rows of a statement that is a transaction of its own. Raises asyncpg's errors."""
        return await rolled_back_again(lambda: self._fetch(sql, values))

    async def write_many(self, sql: str, many: list[list[object]]) -> list[Any]:
        """The rows of a statement run with many sets of values in one transaction. Raises asyncpg's errors."""

        async def run() -> list[Any]:
            async with self._acquired() as connection:
                rows: list[Any] = await connection.fetchmany(sql, many)
                return rows

        return await rolled_back_again(run)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection with an open transaction, committed at the end."""
        async with self._acquired() as connection, connection.transaction():
            yield connection

    async def _read(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        connection = self._at_hand.pop() if self._at_hand else await self._pool.acquire()
        is_sound = False
        try:
            rows: list[Any] = await connection.fetch(sql, *values)
            is_sound = True
        except _BROKEN:
            connection.terminate()
            raise
        finally:
            if is_sound and len(self._at_hand) < self._most_at_hand:
                self._at_hand.append(connection)
            else:
                await self._pool.release(connection)
        return rows

    async def _fetch(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        async with self._acquired() as connection:
            rows: list[Any] = await connection.fetch(sql, *values)
            return rows

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection:
            try:
                yield connection
            except _BROKEN:
                connection.terminate()  # asyncpg may not have noticed yet
                raise


async def rolled_back_again(run: Callable[[], Awaitable[Result]]) -> Result:
    """What a transaction gives; begun again as long as PostgreSQL says that it rolled it back for another's sake."""
    for _ in range(_TRIES):
        try:
            return await run()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            await asyncio.sleep(random.uniform(0.001, 0.02))  # noqa: S311  it only spreads the tries
    return await run()


def failure(error: Exception) -> StorageError:
    """A fault of the connection or the server, as the contract's error."""
    problem = StorageError(f"PostgreSQL: {str(error) or type(error).__name__}")
    problem.__cause__ = error
    return problem
