"""The group commit: what waits is one transaction, and one broken job harms no other."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.storage.interface import StorageError
from assent.storage.sql import sqlite_writer
from assent.storage.sql.sqlite_writer import Writer


@pytest.fixture
async def connection(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False, timeout=0)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    return connection


@pytest.fixture
async def writer(connection: sqlite3.Connection) -> AsyncIterator[Writer]:
    writer = Writer(connection)
    yield writer
    await writer.close()


def insert(connection: sqlite3.Connection, n: int) -> int:
    return connection.execute("INSERT INTO numbers VALUES (?)", (n,)).rowcount


async def test_jobs_that_wait_share_a_transaction(writer: Writer, connection: sqlite3.Connection) -> None:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    await asyncio.gather(*(writer.run(lambda c, n=n: insert(c, n)) for n in range(100)))
    assert statements.count("COMMIT") == 1
    assert connection.execute("SELECT count(*) FROM numbers").fetchall() == [(100,)]


async def test_a_broken_job_fails_alone(writer: Writer, connection: sqlite3.Connection) -> None:
    jobs = [writer.run(lambda c, n=n: insert(c, n)) for n in (1, 2, 2, 3)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert results[:2] == [1, 1]
    assert isinstance(results[2], StorageError)
    assert results[3] == 1
    assert connection.execute("SELECT n FROM numbers").fetchall() == [(1,), (2,), (3,)]


async def test_a_bug_in_a_job_is_told_to_its_owner(writer: Writer) -> None:
    def broken(_: sqlite3.Connection) -> int:
        raise ZeroDivisionError

    with pytest.raises(StorageError):
        await writer.run(broken)
    assert await writer.run(lambda c: insert(c, 1)) == 1


async def test_when_another_process_keeps_the_lock_all_that_wait_are_told(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "_LOCK_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    jobs = [writer.run(lambda c, n=n: insert(c, n)) for n in range(5)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()
    assert all(isinstance(result, StorageError) for result in results)
    assert await writer.run(lambda c: insert(c, 1)) == 1


async def test_the_queue_is_bounded(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "_MOST_WAITING", 3)
    jobs = [asyncio.create_task(writer.run(lambda c, n=n: insert(c, n))) for n in range(4)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert results[:3] == [1, 1, 1]
    assert isinstance(results[3], StorageError)
