"""The fixtures of `services.postgres` keep their promises."""

import asyncpg
import pytest

pytestmark = pytest.mark.postgres


async def test_the_server_commits_durably(postgres_server: str) -> None:
    connection = await asyncpg.connect(postgres_server)
    try:
        assert [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == [
            "on",
            "on",
        ]
    finally:
        await connection.close()


@pytest.mark.parametrize("_", range(2))
async def test_each_test_gets_an_empty_database(postgres_url: str, _: int) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE TABLE things (id int)")
    assert await connection.fetchval("SELECT count(*) FROM things") == 0
    await connection.close()
