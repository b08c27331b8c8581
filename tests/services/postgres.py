"""A real PostgreSQL: `postgres_server`, a superuser's DSN; `postgres_url`, a database of the test's own."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from scripts import services


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The DSN of a PostgreSQL superuser, on a server that commits durably."""
    dsn = os.environ.get(services.POSTGRES) or services.running().get(services.POSTGRES)
    if not dsn:
        pytest.fail(f"no PostgreSQL: run `make test`, or `make services` first, or set {services.POSTGRES}")
    return dsn


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped when the test is over, whoever is still connected to it."""
    with new_database(postgres_server) as url:
        yield url


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped when the block is over; for fixtures that live longer."""
    name = f"test_{uuid.uuid4().hex}"
    execute(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(dsn: str, statement: str) -> None:
    """Run one statement outside any transaction, on a connection and an event loop of its own."""

    async def connect_and_run() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    # In a thread, since the test's own loop may be running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, connect_and_run()).result()
