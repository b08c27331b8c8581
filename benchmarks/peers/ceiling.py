"""The ceiling: what the same stack allows when a server does next to nothing (`benchmarks.peers.ceiling_app`)."""

import hashlib
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from assent.spec.jose import new_private_jwk
from benchmarks.cast import KEYED, Cast
from benchmarks.peers import Prepared

_TABLES = """
CREATE TABLE item (
    key bytea PRIMARY KEY, kind "char" NOT NULL, payload jsonb NOT NULL, expires timestamptz NOT NULL
);
CREATE TABLE jti (jti text PRIMARY KEY, expires timestamptz NOT NULL)
"""
_SETTINGS = "ceiling.json"


class Ceiling:
    """Raw ASGI, asyncpg and cryptography on PostgreSQL."""

    name = "ceiling"

    async def prepare(self, folder: Path, port: int, database: str, cast: Cast) -> Prepared:
        """Its tables with a session in them, and its settings in a file."""
        cookie = f"session={os.urandom(32).hex()}"
        connection = await asyncpg.connect(database)
        await connection.execute(_TABLES)
        await connection.execute(
            "INSERT INTO item VALUES ($1, 's', $2, $3)",
            hashlib.sha256(cookie.encode()).digest(),
            '{"sub": "u-lee"}',
            datetime.now(UTC) + timedelta(days=1),
        )
        await connection.close()
        settings = {
            "issuer": f"http://127.0.0.1:{port}",
            "database": database,
            "key": new_private_jwk("RS256", "server"),
            "secret_hash": hashlib.sha256(cast.secret.encode()).hexdigest(),
            "client_keys": {KEYED[alg]: key for alg, key in cast.keys.items()},
        }
        (folder / _SETTINGS).write_bytes(msgspec.json.encode(settings))
        command = (
            *(sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"),
            "benchmarks.peers.ceiling_app:app",
        )
        environment = {"CEILING_SETTINGS": str(folder / _SETTINGS)}
        return Prepared(self.name, port, command, cookie, "refresh_token", environment)
