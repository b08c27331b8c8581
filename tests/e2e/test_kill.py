"""What was answered is remembered: a server is killed under load, and started again."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.ledger import Ledger
from e2e.processes import ServerProcess, run_assent
from e2e.programs import Programs, add_cast, connect, sign_in
from scripts.free_ports import free_port

ROUNDS = 3
MOST_SECONDS = 0.8


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of each kind."""
    return "sqlite:///assent.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def server(tmp_path: Path, database: str) -> Iterator[ServerProcess]:
    """An installation's server, not started yet."""
    port, config = free_port(), tmp_path / "assent.toml"
    server = ServerProcess(["--config", str(config), "serve"], port, tmp_path / "log")
    run_assent(config, "init", "--public-url", server.url, "--database", database)
    config.write_text(config.read_text() + "\n[engine]\ncode_seconds = 600\n")  # however long a start takes
    yield server
    server.kill()


async def test_nothing_answered_is_lost_and_nothing_used_is_good_again(
    server: ServerProcess, tmp_path: Path
) -> None:
    key = add_cast(tmp_path / "assent.toml")
    server.start()
    cookies = await sign_in(server.url, "amy")  # which has to outlive every kill, too
    for _ in range(ROUNDS):
        ledger = Ledger()
        async with connect(server.url) as http:
            load = asyncio.create_task(ledger.load(Programs(http, server.url, key, cookies)))
            async with asyncio.timeout(300):
                await ledger.has_everything.wait()
            await asyncio.sleep(random.uniform(0, MOST_SECONDS))
            server.kill()
            await load
        server.start()
        async with connect(server.url) as http:
            await ledger.check(Programs(http, server.url, key, cookies))
