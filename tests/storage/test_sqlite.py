"""The storage suite on SQLite, and what only SQLite has."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from assent.storage.interface import Add, StorageError, Table, act
from assent.storage.rows import layout_of
from assent.storage.sql.schema import read_migrations
from assent.storage.sql.sqlite import open_sqlite
from assent.storage.tables import CLIENTS, TABLES
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_processes import ProcessSuite
from assent.testing.storage_races import RaceSuite
from assent.testing.storage_records import a_client
from assent.testing.storage_suite import StorageSuite

_TYPES = {"text": "TEXT", "integer": "INTEGER", "bytes": "BLOB", "boolean": "INTEGER", "json": "TEXT"}


def _text_key(table: Table[Any], find: tuple[str, ...]) -> list[str]:
    """The key fields that an index of `find` ends with, so that it gives rows in key order."""
    return [c.name for c in layout_of(table).key if c.kind == "text" and c.name not in find]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "assent.db"


@pytest.fixture
def make_backend(file: Path) -> MakeBackend:
    return partial(open_sqlite, f"sqlite:///{file}")


class TestSqlite(StorageSuite):
    pass


class TestSqliteRaces(RaceSuite):
    pass


class TestSqliteProcesses(ProcessSuite):
    pass


def test_a_relative_url_is_relative_to_the_given_folder(tmp_path: Path) -> None:
    asyncio.run(open_sqlite("sqlite:///data%20base.db", folder=tmp_path).migrate())
    assert (tmp_path / "data base.db").exists()


@pytest.mark.parametrize("url", ["sqlite://file.db", "sqlite:///", "postgresql:///x", "sqlite:///folder/"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        open_sqlite(url)


def test_the_file_is_its_owners_alone(make_backend: MakeBackend, file: Path) -> None:
    asyncio.run(make_backend().migrate())
    assert file.stat().st_mode & 0o777 == 0o600


async def test_every_commit_is_synced(make_backend: MakeBackend, file: Path) -> None:
    backend = make_backend()
    await backend.migrate()
    assert await backend.problems() == []
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


async def test_a_missing_folder_is_a_problem_and_cannot_be_migrated(tmp_path: Path) -> None:
    backend = open_sqlite(f"sqlite:///{tmp_path}/missing/assent.db")
    assert await backend.problems() == [f"the folder {tmp_path}/missing does not exist"]
    with pytest.raises(StorageError):
        await backend.migrate()


def test_a_file_that_is_no_database_is_a_problem(make_backend: MakeBackend, file: Path) -> None:
    file.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    assert "not a database" in asyncio.run(make_backend().problems())[0]
    with pytest.raises(StorageError):
        asyncio.run(make_backend().open())


async def test_an_unmigrated_database_is_not_opened(make_backend: MakeBackend) -> None:
    assert await make_backend().pending_migrations() == [one.name for one in read_migrations()]
    with pytest.raises(StorageError, match="assent migrate"):
        await make_backend().open()


async def test_a_newer_database_is_refused(make_backend: MakeBackend, file: Path) -> None:
    await make_backend().migrate()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO assent_migrations VALUES ('9999_later', 'x')")
        connection.commit()
    for use in (make_backend().open, make_backend().migrate):
        with pytest.raises(StorageError, match="newer than this program"):
            await use()


async def test_a_database_migrated_by_another_text_is_refused(make_backend: MakeBackend, file: Path) -> None:
    await make_backend().migrate()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE assent_migrations SET checksum = 'x'")
        connection.commit()
    with pytest.raises(StorageError, match="another text"):
        await make_backend().open()


async def test_the_schema_is_what_the_tables_list_says(make_backend: MakeBackend, file: Path) -> None:
    await make_backend().migrate()
    with closing(sqlite3.connect(file)) as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        assert names == {table.name for table in TABLES} | {"assent_migrations"}
        for table in TABLES:
            rows = connection.execute(f'PRAGMA table_info("{table.name}")').fetchall()
            expected = [("issuer", "TEXT", 1)]
            expected += [(c.name, _TYPES[c.kind], int(not c.nullable)) for c in layout_of(table).columns]
            columns = [(name, kind, required) for _, name, kind, required, _, _ in rows]
            assert sorted(columns) == sorted(expected)  # a later migration adds at the end
            key = [name for _, name, _, _, _, _ in sorted((r for r in rows if r[5]), key=lambda r: r[5])]
            assert key == ["issuer", *table.key]
            indexes = connection.execute(
                f"SELECT name FROM pragma_index_list('{table.name}') WHERE origin = 'c'"
            )
            found = {
                tuple(n for (n,) in connection.execute(f"SELECT name FROM pragma_index_info('{index}')"))
                for (index,) in indexes.fetchall()
            }
            wanted = {("issuer", *find, *_text_key(table, find)) for find in table.finds}
            assert found == wanted | ({("issuer", table.expires)} if table.expires else set())


async def test_a_foreign_writer_is_waited_for_and_seen(make_backend: MakeBackend, file: Path) -> None:
    backend = make_backend()
    await backend.migrate()
    await backend.open()
    storage = backend.scoped("https://one.example")
    await storage.commit(act(Add(CLIENTS, a_client())))
    foreign = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        foreign.execute("BEGIN IMMEDIATE")
        foreign.execute("UPDATE clients SET client_name = 'Changed by hand'")
        waiting = asyncio.create_task(storage.commit(act(Add(CLIENTS, a_client("second")))))
        await asyncio.sleep(0)
        assert await storage.get(CLIENTS, "app") == a_client()
        assert not waiting.done()
        foreign.execute("COMMIT")
        assert (await waiting).all
        assert await storage.get(CLIENTS, "app") == replace(a_client(), client_name="Changed by hand")
    finally:
        foreign.close()
        await backend.close()
