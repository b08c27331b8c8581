"""The storage suite on PostgreSQL, and what only PostgreSQL has."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from assent.storage.interface import Add, Change, ChangeAll, Remove, StorageError, Table, act
from assent.storage.rows import layout_of
from assent.storage.sql.postgres import open_postgres
from assent.storage.sql.postgres_chains import chain_sql
from assent.storage.sql.statements import POSTGRES, find_sql
from assent.storage.steps import steps_of
from assent.storage.tables import AUDIT, CLIENTS, CODES, GRANTS, TABLES
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_processes import ProcessSuite
from assent.testing.storage_races import RaceSuite
from assent.testing.storage_records import a_client, a_code, a_grant, an_event, hashed
from assent.testing.storage_suite import StorageSuite

pytestmark = pytest.mark.postgres

_VALUES: dict[str, Any] = {"text": "x", "integer": 1, "bytes": b"x", "boolean": True, "json": "[]"}
_WRITTEN: dict[str, Any] = {**_VALUES, "json": []}
_TYPES = {"text": "text", "integer": "bigint", "bytes": "bytea", "boolean": "boolean", "json": "text"}


def _text_key(table: Table[Any], find: tuple[str, ...]) -> list[str]:
    """The key fields that an index of `find` ends with, so that it gives rows in key order."""
    return [c.name for c in layout_of(table).key if c.kind == "text" and c.name not in find]


@pytest.fixture
def make_backend(postgres_url: str) -> MakeBackend:
    return partial(open_postgres, postgres_url)


@pytest.fixture
async def direct(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the backend's."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


class TestPostgres(StorageSuite):
    pass


class TestPostgresRaces(RaceSuite):
    pass


class TestPostgresProcesses(ProcessSuite):
    pass


def test_a_url_of_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        open_postgres("sqlite:///a.db")


async def test_a_server_that_is_not_there_is_named(postgres_url: str) -> None:
    away = open_postgres(urlsplit(postgres_url)._replace(netloc="postgres@127.0.0.1:1").geturl())
    assert len(await away.problems()) == 1
    with pytest.raises(StorageError, match="PostgreSQL"):
        await away.open()


async def test_an_unmigrated_database_is_not_opened(make_backend: MakeBackend) -> None:
    with pytest.raises(StorageError, match="assent migrate"):
        await make_backend().open()


async def test_a_newer_database_is_refused(make_backend: MakeBackend, direct: asyncpg.Connection) -> None:
    await make_backend().migrate()
    await direct.execute("INSERT INTO assent_migrations VALUES ('9999_later', 'x')")
    for use in (make_backend().open, make_backend().migrate):
        with pytest.raises(StorageError, match="newer than this program"):
            await use()


async def test_a_durable_server_has_no_problems(make_backend: MakeBackend) -> None:
    await make_backend().migrate()
    assert await make_backend().problems() == []


@pytest.mark.parametrize("setting", ["synchronous_commit = off", "default_transaction_read_only = on"])
async def test_a_database_that_would_lose_answers_is_refused(
    make_backend: MakeBackend, direct: asyncpg.Connection, setting: str
) -> None:
    database = await direct.fetchval("SELECT current_database()")
    await direct.execute(f'ALTER DATABASE "{database}" SET {setting}')
    assert len(await make_backend().problems()) == 1


async def test_an_unlogged_table_is_refused(make_backend: MakeBackend, direct: asyncpg.Connection) -> None:
    await make_backend().migrate()
    await direct.execute("ALTER TABLE codes SET UNLOGGED")
    assert await make_backend().problems() == ["the table codes is unlogged: what was answered could be lost"]


async def test_the_schema_is_what_the_tables_list_says(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    await make_backend().migrate()
    columns = "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
    indexes = (
        "SELECT i.indisprimary, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indexrelid WHERE i.indrelid = $1::text::regclass"
        " GROUP BY 1, i.indexrelid"
    )
    tables = await direct.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {name for (name,) in tables} == {table.name for table in TABLES} | {"assent_migrations"}
    for table in TABLES:
        rows = await direct.fetch(f"{columns} WHERE table_name = $1 ORDER BY ordinal_position", table.name)
        expected = [("issuer", "text", "NO")]
        expected += [
            (c.name, _TYPES[c.kind], "YES" if c.nullable else "NO") for c in layout_of(table).columns
        ]
        assert sorted(tuple(row) for row in rows) == sorted(expected)  # a later migration adds at the end
        found = {(primary, tuple(names)) for primary, names in await direct.fetch(indexes, table.name)}
        wanted = {(True, ("issuer", *table.key))}
        wanted |= {(False, ("issuer", *find, *_text_key(table, find))) for find in table.finds}
        assert found == wanted | ({(False, ("issuer", table.expires))} if table.expires else set())


async def test_reads_and_writes_by_key_use_the_primary_key_however_little_there_is(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    """A plan that is made while a table is nearly empty is kept when it has grown: it must be right from the start."""
    await make_backend().migrate()
    for setting in ("enable_seqscan = off", "plan_cache_mode = force_generic_plan"):
        await direct.execute(f"SET {setting}")
    await direct.execute("VACUUM ANALYZE")
    for number, table in enumerate(TABLES):
        key = " AND ".join(f'"{name}" = ${n}' for n, name in enumerate(("issuer", *table.key), 1))
        types = ", ".join(
            "bytea" if layout_of(table).column(k).kind == "bytes" else "text" for k in table.key
        )
        await direct.execute(f'PREPARE p{number} (text, {types}) AS DELETE FROM "{table.name}" WHERE {key}')
        plan = await direct.fetch(f"EXPLAIN EXECUTE p{number} ('i'{', NULL' * len(table.key)})")
        text = "\n".join(line for (line,) in plan)
        assert f"{table.name}_pkey" in text, text


async def test_finds_use_their_index_and_need_no_sorting(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    await make_backend().migrate()
    await direct.execute("SET enable_seqscan = off")
    await direct.execute("SET enable_sort = off")
    for table in TABLES:
        for find in table.finds:
            sql = find_sql(table, find, (), True, True, POSTGRES)
            layout = layout_of(table)
            if layout.key[0].kind != "text":
                continue
            values = ["i", 10, *(_VALUES[layout.column(name).kind] for name in (*find, *table.key))]
            plan = "\n".join(line for (line,) in await direct.fetch(f"EXPLAIN {sql}", *values))
            assert "Sort" not in plan, plan
            assert "issuer = 'i'::text COLLATE" in plan, plan


async def test_changing_what_is_found_uses_its_index(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    await make_backend().migrate()
    await direct.execute("SET enable_seqscan = off")
    for table in (one for one in TABLES if not one.append_only):
        for find in table.finds:
            layout = layout_of(table)
            values = {name: _VALUES[layout.column(name).kind] for name in find}
            other = next(c.name for c in layout.columns if c.name not in (*find, *table.key))
            changed = {other: _WRITTEN[layout.column(other).kind]}
            (step,) = steps_of(act(ChangeAll(table, values, changed)))
            sql = chain_sql((step.form,))
            plan = "\n".join(line for (line,) in await direct.fetch(f"EXPLAIN {sql}", "i", *step.values))
            assert "(issuer = 'i'::text COLLATE \"POSIX\")" in plan, plan


async def test_a_lost_connection_fails_what_was_on_its_way_and_no_more(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    backend = make_backend()
    await backend.migrate()
    await backend.open()
    storage = backend.scoped("https://one.example")
    await storage.commit(act(Add(CODES, a_code())))
    await direct.execute("BEGIN")
    await direct.execute("SELECT FROM codes FOR UPDATE")
    use = Change(CODES, (hashed("code"),), {"used_at": 1}, {"used_at": 0})
    stuck = asyncio.create_task(storage.commit(act(use)))
    waits = "SELECT pid FROM pg_stat_activity WHERE application_name = 'assent' AND wait_event_type = 'Lock'"
    while not (pids := await direct.fetch(waits)):
        await direct.execute("SELECT pg_stat_clear_snapshot()")
    await direct.execute("SELECT pg_terminate_backend($1)", pids[0]["pid"])
    with pytest.raises(StorageError):
        await stuck
    await direct.execute("COMMIT")
    assert (await storage.commit(act(use))).all
    await backend.close()


async def test_reads_go_on_when_all_connections_were_cut(
    make_backend: MakeBackend, direct: asyncpg.Connection
) -> None:
    backend = make_backend()
    await backend.migrate()
    await backend.open()
    storage = backend.scoped("https://one.example")
    await storage.commit(act(Add(CLIENTS, a_client())))
    await direct.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'assent' AND datname = current_database()"
    )
    assert await storage.get(CLIENTS, "app") == a_client()
    await backend.close()


async def test_transactions_that_deadlock_are_done_again(make_backend: MakeBackend) -> None:
    first, second = make_backend(), make_backend()
    await first.migrate()
    await first.open()
    await second.open()
    one, two = first.scoped("https://one.example"), second.scoped("https://one.example")
    await one.commit(act(Add(GRANTS, a_grant("g1")), Add(GRANTS, a_grant("g2"))))

    def touch(a: str, b: str, at: int) -> object:
        return act(
            Change(GRANTS, (a,), {"last_used_at": at}),
            Change(GRANTS, (b,), {"last_used_at": at}),
            Add(AUDIT, an_event(f"{a}{b}{at}")),
            Change(GRANTS, (a,), {"last_used_at": at}),
        )

    acts = [one.commit(touch("g1", "g2", i)) for i in range(2)]
    acts += [two.commit(touch("g2", "g1", i)) for i in range(2)]
    assert all(o.all for o in await asyncio.gather(*acts))
    await first.close()
    await second.close()


async def test_an_act_that_cannot_be_carried_out_does_not_spoil_its_batch(make_backend: MakeBackend) -> None:
    backend = make_backend()
    await backend.migrate()
    await backend.open()
    storage = backend.scoped(secrets.token_hex(3000))  # too long for an index
    good = backend.scoped("https://one.example")
    acts = [s.commit(act(Remove(CLIENTS, ("a",)), Add(CLIENTS, a_client("b")))) for s in (good, good)]
    bad = storage.commit(act(Add(CLIENTS, a_client("b"))))
    results = await asyncio.gather(
        bad, good.commit(act(Add(CLIENTS, a_client("b")))), *acts, return_exceptions=True
    )
    assert isinstance(results[0], StorageError)
    assert all(not isinstance(result, BaseException) for result in results[1:])
    await backend.close()
