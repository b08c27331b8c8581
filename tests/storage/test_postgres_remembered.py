"""What PostgreSQL's storage remembers of clients: never longer than nobody changed them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from assent.records.clients import Client
from assent.storage.interface import Add, Backend, Change, Remove, Storage, act
from assent.storage.sql import postgres_remembered
from assent.storage.sql.postgres import open_postgres
from assent.storage.tables import CLIENTS
from assent.testing.storage_records import a_client

pytestmark = pytest.mark.postgres

ISSUER = "https://one.example"
RENAMED = replace(a_client(), client_name="Another")
RENAME = Change(CLIENTS, ("app",), {"client_name": "Another"})
BY_HAND = "UPDATE clients SET client_name = 'Another'"


@pytest.fixture
async def backends(postgres_url: str) -> AsyncIterator[tuple[Backend, Backend]]:
    """Two nodes on one database, with the client `app`: added by a third, which tells only those who listen by then."""
    third, one, two = (open_postgres(postgres_url) for _ in range(3))
    await third.migrate()
    await third.open()
    await third.scoped(ISSUER).commit(act(Add(CLIENTS, a_client())))
    await third.close()
    await one.open()
    await two.open()
    yield one, two
    await one.close()
    await two.close()


@pytest.fixture
def here(backends: tuple[Backend, Backend]) -> Storage:
    return backends[0].scoped(ISSUER)


@pytest.fixture
def there(backends: tuple[Backend, Backend]) -> Storage:
    return backends[1].scoped(ISSUER)


@pytest.fixture
async def direct(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who changes rows by hand, and tells nobody."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


@pytest.fixture
def keeps_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is seen was told, and did not just time out."""
    monkeypatch.setattr(postgres_remembered, "_KEPT_SECONDS", 3600.0)


async def until(read: Callable[[], Awaitable[Client | None]], wanted: Client | None) -> None:
    """Returns when that is what is read."""
    async with asyncio.timeout(60):
        while await read() != wanted:  # noqa: ASYNC110 - the server tells the backend, not us
            await asyncio.sleep(0)


@pytest.mark.usefixtures("keeps_for_ever")
async def test_a_client_is_read_once_while_nobody_changes_it(
    here: Storage, direct: asyncpg.Connection
) -> None:
    assert await here.get(CLIENTS, "app") == a_client()
    await direct.execute(BY_HAND)
    assert await here.get(CLIENTS, "app") == a_client()


@pytest.mark.usefixtures("keeps_for_ever")
async def test_what_this_node_changes_is_seen_by_its_next_read(here: Storage) -> None:
    assert await here.get(CLIENTS, "app") == a_client()
    await here.commit(act(RENAME))
    assert await here.get(CLIENTS, "app") == RENAMED
    await here.commit(act(Remove(CLIENTS, ("app",))))
    assert await here.get(CLIENTS, "app") is None


@pytest.mark.usefixtures("keeps_for_ever")
@pytest.mark.parametrize("whole", [False, True])
async def test_what_another_node_changes_is_told(here: Storage, there: Storage, whole: bool) -> None:
    assert await here.get(CLIENTS, "app") == a_client()
    await there.commit(replace(act(RENAME), whole=whole))
    await until(lambda: here.get(CLIENTS, "app"), RENAMED)


@pytest.mark.usefixtures("keeps_for_ever")
async def test_a_change_while_a_client_is_being_read_is_not_missed(here: Storage) -> None:
    for _ in range(50):
        reading = asyncio.create_task(here.get(CLIENTS, "app"))
        await asyncio.sleep(0)
        await here.commit(act(RENAME))
        await reading
        assert await here.get(CLIENTS, "app") == RENAMED
        await here.commit(act(Change(CLIENTS, ("app",), {"client_name": a_client().client_name})))


async def test_a_change_that_nobody_tells_of_is_seen_in_time(
    here: Storage, direct: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_remembered, "_KEPT_SECONDS", 0.05)
    assert await here.get(CLIENTS, "app") == a_client()
    await direct.execute(BY_HAND)
    await until(lambda: here.get(CLIENTS, "app"), RENAMED)


@pytest.mark.usefixtures("keeps_for_ever")
async def test_nothing_is_remembered_while_nobody_listens(
    here: Storage, there: Storage, direct: asyncpg.Connection
) -> None:
    assert await here.get(CLIENTS, "app") == a_client()
    await direct.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()"
    )
    await direct.execute(BY_HAND)
    await until(lambda: here.get(CLIENTS, "app"), RENAMED)
    # and when it listens again, it is told again
    await there.commit(act(Change(CLIENTS, ("app",), {"client_name": "A third"})))
    await until(lambda: here.get(CLIENTS, "app"), replace(a_client(), client_name="A third"))


@pytest.mark.usefixtures("keeps_for_ever")
async def test_what_is_remembered_has_a_limit(here: Storage, direct: asyncpg.Connection) -> None:
    most = postgres_remembered._MOST_KEPT
    adding = [Add(CLIENTS, a_client(f"other-{i}")) for i in range(most)]
    await asyncio.gather(*(here.commit(act(each)) for each in adding))
    assert await here.get(CLIENTS, "app") == a_client()
    await asyncio.gather(*(here.get(CLIENTS, f"other-{i}") for i in range(most)))
    await direct.execute(BY_HAND)
    assert await here.get(CLIENTS, "app") == RENAMED
