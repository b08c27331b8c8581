"""The one connection of this process that writes to a SQLite file: group commit.

Everything that waits becomes one transaction with one sync to the disk. The statements take microseconds and run
on the event loop's thread; what waits for the disk or for another process's lock runs on the writer's own thread.
That way a busy loop and the writer do not fight over the interpreter lock at each statement.
"""

import asyncio
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from assent.storage.interface import StorageError

Result = TypeVar("Result")

_MOST_IN_ONE_COMMIT = 128
_MOST_WAITING = 8192
_LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], Any]
    answer: "asyncio.Future[Any]"

    def settle(self, result: Any) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if self.answer.done():
            return
        if isinstance(error, sqlite3.Error | _RolledBack):
            failure = StorageError(f"SQLite: {error}")
            failure.__cause__ = error
            error = failure
        self.answer.set_exception(error)


class Writer:
    """Runs jobs in the order they came, many in one transaction. The connection is its alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._waiting: deque[_Job] = deque()
        self._running: asyncio.Task[None] | None = None
        self._is_closed = False

    async def run(self, job: Callable[[sqlite3.Connection], Result]) -> Result:
        """What the job gives, once everything it wrote is on the disk.

        The job runs in an open transaction, twice if the first was rolled back. It keeps nothing when it raises
        `sqlite3.Error`; then `StorageError` is raised here.
        """
        if self._is_closed:
            raise StorageError("the storage is closed")
        if len(self._waiting) >= _MOST_WAITING:
            raise StorageError("too many writes are waiting")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Job(job, answer))
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._work())
        return await answer

    async def close(self) -> None:
        """Finishes what waits and closes the connection."""
        self._is_closed = True
        if self._running is not None:
            await self._running
        self._thread.shutdown()
        self._connection.close()

    async def _work(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), _MOST_IN_ONE_COMMIT)
            jobs = [self._waiting.popleft() for _ in range(count)]
            try:
                results = await self._transaction(jobs)
            except _RolledBack as rolled_back:
                await self._one_by_one(jobs, rolled_back)
            except Exception as error:  # whoever waits must be told, whatever it is
                for job in jobs:
                    job.fail(error)
            else:
                for job, result in zip(jobs, results, strict=True):
                    job.settle(result)

    async def _one_by_one(self, jobs: list[_Job], cause: "_RolledBack") -> None:
        """A job broke the transaction: the others shall not suffer for it."""
        if len(jobs) == 1:
            jobs[0].fail(cause)
            return
        for job in jobs:
            try:
                job.settle((await self._transaction([job]))[0])
            except Exception as error:  # as above
                job.fail(error)

    async def _transaction(self, jobs: list[_Job]) -> list[Any]:
        """The jobs' results, durable. Raises `_RolledBack` when a job broke and nothing was written."""
        connection = self._connection
        await self._begin()
        try:
            results = [job.run(connection) for job in jobs]
        except Exception as error:
            self._roll_back()
            raise _RolledBack(str(error)) from error
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, connection.execute, "COMMIT")
        except sqlite3.Error:
            self._roll_back()
            raise
        return results

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    async def _begin(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            await asyncio.get_running_loop().run_in_executor(self._thread, begin_when_free, self._connection)


class _RolledBack(Exception):
    pass


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds the lock."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def begin_when_free(connection: sqlite3.Connection) -> None:
    """Begins a writing transaction, waiting for other processes. Raises `sqlite3.OperationalError` in the end.

    The waits are short and random: SQLite's own grow to 100 ms and starve whoever waits longest.
    """
    give_up_at = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311  it only spreads the tries
        else:
            return
