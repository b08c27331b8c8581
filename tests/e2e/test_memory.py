"""A worker stays small, whatever it has answered (docs/performance.md has what was measured)."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.machine import memory_mb
from e2e.ledger import Ledger
from e2e.processes import ServerProcess, run_assent
from e2e.programs import Programs, add_cast, connect, sign_in
from scripts.free_ports import free_port

MOST_MB = 120
TOKENS = 400


@pytest.mark.postgres
async def test_a_worker_under_load_holds_less_than_120_mb(tmp_path: Path, postgres_url: str) -> None:
    port, config = free_port(), tmp_path / "assent.toml"
    server = ServerProcess(["--config", str(config), "serve"], port, tmp_path / "log")
    run_assent(config, "init", "--public-url", server.url, "--database", postgres_url)
    key = add_cast(config)
    server.start()
    try:
        assert server.process is not None
        cookies, ledger = await sign_in(server.url, "amy"), Ledger()
        async with connect(server.url) as http, asyncio.timeout(300):
            load = asyncio.create_task(ledger.load(Programs(http, server.url, key, cookies)))
            held = 0.0
            while len(ledger.access_tokens) < TOKENS:
                held = max(held, memory_mb(server.process.pid))
                assert not load.done(), ledger.refused
                await asyncio.sleep(0.05)
            load.cancel()
        assert 20 < held < MOST_MB
    finally:
        server.kill()
