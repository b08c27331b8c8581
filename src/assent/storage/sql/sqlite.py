"""SQLite, embedded: one file that every process of one machine may open at the same time.

Write-ahead log, synced at each commit. Reads run on the event loop's thread, on a connection that can only
read: each takes microseconds and sees every transaction that was committed when it began.
"""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from assent.storage.interface import (
    Act,
    Backend,
    Key,
    Outcomes,
    Scalar,
    Storage,
    StorageError,
    Table,
    Unstorable,
)
from assent.storage.rows import layout_of
from assent.storage.sql import schema
from assent.storage.sql.sqlite_writer import Writer, begin_when_free
from assent.storage.sql.statements import SQLITE, find_sql, get_sql, next_issuer_sql, quoted, write_sql
from assent.storage.steps import Form, Step, steps_of, where_of
from assent.storage.tables import KEPT_SECONDS, TABLES

Record = TypeVar("Record")

_TYPES = {
    "text": "TEXT",
    "integer": "INTEGER",
    "bytes": "BLOB",
    "boolean": "INTEGER",
    "json": "TEXT",
    "finding": SQLITE.finding,
    "options": "WITHOUT ROWID",
}
_IS_MIGRATED = "SELECT 1 FROM sqlite_master WHERE name = 'assent_migrations'"
_OLDEST = (3, 35, 0)
_SWEPT_AT_ONCE = 200
_STATEMENTS_KEPT = 1024


def open_sqlite(url: str, *, folder: Path | None = None) -> Backend:
    """The backend of a SQLite URL.

    `sqlite:///file.db` is relative to `folder` (else to the working directory), `sqlite:////file.db` absolute. Raises
    `ValueError` when the URL names no file.
    """
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path or path.endswith("/"):
        raise ValueError("a SQLite URL is sqlite:///relative/file.db or sqlite:////absolute/file.db")
    return SqliteBackend((folder or Path()) / unquote(path))


class SqliteBackend:
    """Every issuer's rows in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._reader: sqlite3.Connection | None = None
        self._writer: Writer | None = None

    def scoped(self, issuer: str) -> Storage:
        """The storage of one issuer."""
        return SqliteStorage(self, issuer)

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection that reads. Whoever reads fetches all: an open cursor would hold on to its moment."""
        if self._reader is None:
            raise StorageError("the storage is not open")
        return self._reader

    @property
    def writer(self) -> Writer:
        """What writes."""
        if self._writer is None:
            raise StorageError("the storage is not open")
        return self._writer

    async def open(self) -> None:
        """Connects. Raises `StorageError` when the file cannot be used or its schema is not the newest."""
        schema.check_newest(self._applied())
        connection = self._connect()
        try:
            reader = sqlite3.connect(
                f"{self._file.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=10,
                isolation_level=None,
                cached_statements=_STATEMENTS_KEPT,
            )
        except sqlite3.Error as error:
            connection.close()
            raise StorageError(f"{self._file}: {error}") from error
        connection.execute("PRAGMA busy_timeout = 0")
        self._writer, self._reader = Writer(connection), reader

    async def close(self) -> None:
        """Finishes what was begun and disconnects."""
        reader, writer = self._reader, self._writer
        if writer is not None:
            await writer.close()
        if reader is not None:
            reader.close()
        self._reader = self._writer = None

    async def migrate(self) -> list[str]:
        """Brings the schema to the newest version; makes the file (readable by its owner alone) when it is
        not there.
        """
        try:
            self._file.touch(0o600)
        except OSError as error:
            raise StorageError(f"{self._file}: {error.strerror}") from error
        with closing(self._connect()) as connection:
            try:
                begin_when_free(connection)
                connection.execute(schema.APPLIED_TABLE.format_map(_TYPES))
                migrations = schema.pending(dict(connection.execute(schema.READ_APPLIED).fetchall()))
                for migration in migrations:
                    for statement in migration.statements(_TYPES):
                        connection.execute(statement)
                    row = (migration.name, migration.checksum)
                    connection.execute("INSERT INTO assent_migrations VALUES (?, ?)", row)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise StorageError(f"{self._file}: {error}") from error
        return [migration.name for migration in migrations]

    async def pending_migrations(self) -> list[str]:
        """The migrations that `migrate` would run."""
        return [migration.name for migration in schema.pending(self._applied())]

    async def now(self) -> float:
        """The machine's clock: all processes that open the file are on it."""
        return time.time()

    async def problems(self) -> list[str]:
        """What makes this SQLite or its file unfit; empty when it is fit."""
        if sqlite3.sqlite_version_info < _OLDEST:
            return [f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed"]
        folder = self._file.absolute().parent
        if not folder.is_dir():
            return [f"the folder {folder} does not exist"]
        if not os.access(folder, os.W_OK) or (self._file.exists() and not os.access(self._file, os.W_OK)):
            return [f"{self._file} cannot be written"]
        if not self._file.exists():
            return []
        try:
            with closing(self._connect()) as connection:
                [(mode,)] = connection.execute("PRAGMA journal_mode").fetchall()
                [(synchronous,)] = connection.execute("PRAGMA synchronous").fetchall()
        except StorageError as error:
            return [str(error)]
        found = []
        if mode != "wal":
            found.append(
                f"{self._file}: the file system does not allow a write-ahead log (journal_mode is {mode})"
            )
        if synchronous < 2:  # FULL
            found.append(f"{self._file}: commits are not synced to the disk (synchronous is {synchronous})")
        return found

    async def sweep(self, now: int) -> int:
        """Drops rows that expired `KEPT_SECONDS` and more before `now`; other writes run between the
        chunks.
        """
        dropped = 0
        for table in TABLES:
            if table.expires is None:
                continue
            issuer = self._next_issuer(table, "")
            while issuer is not None:
                chunk = (issuer, now - KEPT_SECONDS, _SWEPT_AT_ONCE)
                count = _SWEPT_AT_ONCE
                while count == _SWEPT_AT_ONCE:
                    count = await self.writer.run(partial(_count, _sweep_sql(table), chunk))
                    dropped += count
                issuer = self._next_issuer(table, issuer)
        return dropped

    def _next_issuer(self, table: Table[Any], issuer: str) -> str | None:
        [(found,)] = self.reader.execute(next_issuer_sql(table, SQLITE), (issuer,)).fetchall()
        return found if isinstance(found, str) else None

    def _applied(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        with closing(self._connect()) as connection:
            if not connection.execute(_IS_MIGRATED).fetchall():
                return {}
            return dict(connection.execute(schema.READ_APPLIED).fetchall())

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._file,
                timeout=10,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_STATEMENTS_KEPT,
            )
            for pragma in ("journal_mode = wal", "synchronous = full", "temp_store = memory"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise StorageError(f"{self._file}: {error}") from error
        return connection


class SqliteStorage:
    """One issuer's storage."""

    def __init__(self, backend: SqliteBackend, issuer: str) -> None:
        self._backend = backend
        self._issuer = issuer

    @property
    def issuer(self) -> str:
        """The issuer's id."""
        return self._issuer

    async def get(self, table: Table[Record], *key: Scalar) -> Record | None:
        """The row with this key, or None."""
        layout = layout_of(table)
        try:
            wanted = layout.encode_key(key)
        except Unstorable:
            return None  # no row can have such a key
        rows = self._read(get_sql(table, SQLITE), (self._issuer, *wanted))
        return layout.decode(rows[0]) if rows else None

    async def find(
        self,
        table: Table[Record],
        where: Mapping[str, Scalar] | None = None,
        *,
        after: Key | None = None,
        limit: int = 1000,
        newest_first: bool = False,
    ) -> list[Record]:
        """Rows whose fields equal `where`, in key order (or its reverse), `after` a key, at most `limit`."""
        layout = layout_of(table)
        try:
            names, nulls, values = where_of(table, where or {})
            start = () if after is None else layout.encode_key(after)
        except Unstorable:
            return []  # no row can have such a value
        sql = find_sql(table, names, nulls, after is not None, newest_first, SQLITE)
        return [layout.decode(row) for row in self._read(sql, (self._issuer, limit, *values, *start))]

    async def commit(self, act: Act) -> Outcomes:
        """Applies the act; answers when it is on the disk."""
        run = _run_whole if act.whole else _run_chain
        return await self._backend.writer.run(partial(run, self._issuer, steps_of(act)))

    def _read(self, sql: str, values: tuple[Scalar, ...]) -> list[tuple[Scalar, ...]]:
        try:
            return self._backend.reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StorageError(f"SQLite: {error}") from error


@cache
def _write_sql(form: Form) -> str:
    return write_sql(form, "?1", [f"?{n}" for n in range(2, len(form.columns) + 2)], SQLITE)


def _sweep_sql(table: Table[Any]) -> str:
    """Drops rows that expired before an instant. Parameters: issuer, the instant, at most how many."""
    key = quoted(("issuer", *table.key))
    return (
        f'DELETE FROM "{table.name}" WHERE ({key}) IN (SELECT {key} FROM "{table.name}"'
        f' WHERE "issuer" = ?1 AND "{table.expires}" > 0 AND "{table.expires}" < ?2 LIMIT ?3)'
    )


def _run_chain(issuer: str, steps: tuple[Step, ...], connection: sqlite3.Connection) -> Outcomes:
    won = 0
    for step in steps:
        touched = connection.execute(_write_sql(step.form), (issuer, *step.values)).rowcount
        if touched == 0 and step.form.verb != "change_all":
            break
        won += 1
    return Outcomes((True,) * won + (False,) * (len(steps) - won))


def _run_whole(issuer: str, steps: tuple[Step, ...], connection: sqlite3.Connection) -> Outcomes:
    connection.execute("SAVEPOINT whole")
    outcomes = _run_chain(issuer, steps, connection)
    if not outcomes.all:
        connection.execute("ROLLBACK TO whole")
    connection.execute("RELEASE whole")
    return outcomes


def _count(sql: str, values: tuple[Scalar, ...], connection: sqlite3.Connection) -> int:
    return connection.execute(sql, values).rowcount
