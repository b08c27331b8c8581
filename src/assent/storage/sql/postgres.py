"""PostgreSQL, for many nodes: reads and acts that arrive together travel together, on a few connections."""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

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
from assent.storage.sql.postgres_acts import Acts
from assent.storage.sql.postgres_pool import CONNECTIONS, FAULTS, Connection, Pool, connect, failure
from assent.storage.sql.postgres_reads import Reads
from assent.storage.sql.postgres_remembered import Remembered
from assent.storage.sql.statements import POSTGRES, find_sql, next_issuer_sql
from assent.storage.steps import where_of
from assent.storage.tables import KEPT_SECONDS, TABLES

Record = TypeVar("Record")

_TYPES = {
    "text": 'text COLLATE "C"',  # in the order of code points, as everywhere
    "integer": "bigint",
    "bytes": "bytea",
    "boolean": "boolean",
    "json": "text",  # never looked into by the database; jsonb would refuse NUL and be slower
    "finding": POSTGRES.finding,
    "options": "",
}
_LOCK = 4_147_382_641  # of migrations; any number that no other program takes
_OLDEST = 130_000
_SWEPT_AT_ONCE = 500
_NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def open_postgres(url: str, *, connections: int = CONNECTIONS) -> Backend:
    """The backend of a `postgresql://` URL, with so many connections at most. Raises `ValueError` when it is none."""
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ValueError("a PostgreSQL URL is postgresql://user:password@host:port/database")
    return PostgresBackend(url, connections)


class PostgresBackend:
    """Every issuer's rows in one database."""

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._pool: Pool | None = None
        self._acts: Acts | None = None
        self._reads: Reads | None = None
        self._remembered: Remembered | None = None

    def scoped(self, issuer: str) -> Storage:
        """The storage of one issuer."""
        return PostgresStorage(self, issuer)

    @property
    def pool(self) -> Pool:
        """The connections."""
        if self._pool is None:
            raise StorageError("the storage is not open")
        return self._pool

    @property
    def acts(self) -> Acts:
        """What writes."""
        if self._acts is None:
            raise StorageError("the storage is not open")
        return self._acts

    @property
    def reads(self) -> Reads:
        """What reads by key."""
        if self._reads is None:
            raise StorageError("the storage is not open")
        return self._reads

    @property
    def remembered(self) -> Remembered:
        """What reads by key where rows repeat themselves."""
        if self._remembered is None:
            raise StorageError("the storage is not open")
        return self._remembered

    async def open(self) -> None:
        """Connects. Raises `StorageError` when the server cannot be reached or the schema is not the newest."""
        async with self._connection() as connection:
            schema.check_newest(await _applied(connection))
        pool = Pool(self._url, self._connections)
        await pool.open()
        reads = Reads(pool)
        remembered = Remembered(self._url, reads)
        await remembered.open()
        self._pool, self._acts, self._reads, self._remembered = pool, Acts(pool), reads, remembered

    async def close(self) -> None:
        """Finishes what was begun and disconnects."""
        pool, acts, remembered = self._pool, self._acts, self._remembered
        self._pool = self._acts = self._reads = self._remembered = None
        if remembered is not None:
            await remembered.close()
        if pool is not None and acts is not None:
            await acts.drain()
            await pool.close()

    async def migrate(self) -> list[str]:
        """Brings the schema to the newest version; a second process waits for the first."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(schema.APPLIED_TABLE.format_map(_TYPES))
            migrations = schema.pending(await _applied(connection))
            for migration in migrations:
                for statement in migration.statements(_TYPES):
                    await connection.execute(statement)
                row = (migration.name, migration.checksum)
                await connection.execute("INSERT INTO assent_migrations VALUES ($1, $2)", *row)
        return [migration.name for migration in migrations]

    async def pending_migrations(self) -> list[str]:
        """The migrations that `migrate` would run."""
        async with self._connection() as connection:
            return [migration.name for migration in schema.pending(await _applied(connection))]

    async def now(self) -> float:
        """The database's clock."""
        [(now,)] = await self.pool.read("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(now)

    async def problems(self) -> list[str]:
        """What makes this server or database unfit, as this user's sessions find them; empty when it is fit."""
        try:
            async with self._connection() as connection:
                return await _problems(connection)
        except StorageError as error:
            return [str(error)]

    async def sweep(self, now: int) -> int:
        """Drops rows that expired `KEPT_SECONDS` and more before `now`, in small statements."""
        dropped = 0
        for table in TABLES:
            if table.expires is None:
                continue
            issuer = await self._next_issuer(table, "")
            while issuer is not None:
                count = _SWEPT_AT_ONCE
                while count == _SWEPT_AT_ONCE:
                    count = len(await self._write(_sweep_sql(table), issuer, now - KEPT_SECONDS, count))
                    dropped += count
                issuer = await self._next_issuer(table, issuer)
        return dropped

    async def _next_issuer(self, table: Table[Any], issuer: str) -> str | None:
        [(found,)] = await self.pool.read(next_issuer_sql(table, POSTGRES), issuer)
        return found if isinstance(found, str) else None

    async def _write(self, sql: str, *values: Scalar) -> list[object]:
        try:
            return await self.pool.write(sql, *values)
        except FAULTS as error:
            raise failure(error) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection of its own, so that it works before `open`."""
        connection = await connect(self._url)
        try:
            yield connection
        except FAULTS as error:
            raise failure(error) from error
        finally:
            await connection.close()


class PostgresStorage:
    """One issuer's storage."""

    def __init__(self, backend: PostgresBackend, issuer: str) -> None:
        self._backend = backend
        self._issuer = issuer

    @property
    def issuer(self) -> str:
        """The issuer's id."""
        return self._issuer

    async def get(self, table: Table[Record], *key: Scalar) -> Record | None:
        """The row with this key, or None."""
        try:
            wanted = layout_of(table).encode_key(key)
        except Unstorable:
            return None  # no row can have such a key
        reads = self._backend.remembered if table.repeats else self._backend.reads
        record: Record | None = await reads.get(self._issuer, table, wanted)
        return record

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
        sql = find_sql(table, names, nulls, after is not None, newest_first, POSTGRES)
        rows = await self._backend.pool.read(sql, self._issuer, limit, *values, *start)
        return [layout.decode(row) for row in rows]

    async def commit(self, act: Act) -> Outcomes:
        """Applies the act; answers when it is durable."""
        acts, remembered = self._backend.acts, self._backend.remembered
        if not any(write.table.repeats for write in act.writes):
            return await acts.commit(self._issuer, act)
        try:
            return await acts.commit(self._issuer, act)
        finally:
            remembered.forget()


def _sweep_sql(table: Table[Any]) -> str:
    """Drops rows that expired before an instant. Parameters: issuer, the instant, at most how many."""
    return (
        f'DELETE FROM "{table.name}" WHERE ctid = ANY(ARRAY(SELECT ctid FROM "{table.name}"'
        f' WHERE "issuer" = $1{POSTGRES.finding} AND "{table.expires}" > 0 AND "{table.expires}" < $2'
        " LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING 1"
    )


async def _applied(connection: Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('assent_migrations')") is None:
        return {}
    return dict(await connection.fetch(schema.READ_APPLIED))


async def _problems(connection: Connection) -> list[str]:
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < _OLDEST:
        return [f"PostgreSQL {version // 10_000} is too old: 13 or newer is needed"]
    found = [
        f"{name} is off: what was answered could be lost"
        for name in _NOT_DURABLE
        if await connection.fetchval("SELECT current_setting($1)", name) == "off"
    ]
    if await connection.fetchval("SHOW transaction_read_only") == "on":
        found.append("the database is read-only")
    if await connection.fetchval("SHOW server_encoding") != "UTF8":
        found.append("the database's encoding is not UTF8")
    names = [table.name for table in TABLES]
    unlogged = await connection.fetch(_UNLOGGED, names)
    found += [f"the table {name} is unlogged: what was answered could be lost" for (name,) in unlogged]
    return found


_UNLOGGED = (
    "SELECT relname FROM pg_class WHERE relpersistence <> 'p' AND pg_table_is_visible(oid)"
    " AND relname::text = ANY($1) AND relkind = 'r' ORDER BY relname"
)
