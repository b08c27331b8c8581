"""Sign-ins and second factors that arrive while a password changes, on every backend."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.actions.accounts.passwords import set_password
from assent.engine.arrivals import Unwelcome, welcome
from assent.engine.server import Caller
from assent.engine.sessions import begin_session, find_sign_in, step_up
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.storage.interface import Backend
from assent.storage.memory import open_memory
from assent.storage.sql.postgres import open_postgres
from assent.storage.sql.sqlite import open_sqlite
from assent.storage.tables import SESSIONS
from assent.testing.server import TestServer, a_server

HERE = Caller("192.0.2.7")
OLD = "a password that is known"
RACERS = 12


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    """An open, empty database."""
    match request.param:
        case "memory":
            opened: Backend = open_memory()
        case "sqlite":
            opened = open_sqlite(f"sqlite:///{tmp_path / 'assent.db'}")
        case _:
            opened = open_postgres(request.getfixturevalue("postgres_url"))
    await opened.migrate()
    await opened.open()
    yield opened
    await opened.close()


async def sign_in(served: TestServer, late: float) -> str | None:
    """The cookie of somebody who signs in with the old password; None where she is refused."""
    await asyncio.sleep(late)
    answer = await LocalModule().sign_in(served.server, "amy", OLD, HERE)
    if not isinstance(answer, Arrival):
        return None
    try:
        person = await welcome(served.server, answer, HERE)
        return (await begin_session(served.server, person, ("pwd",), HERE, None, answer))[0]
    except Unwelcome:
        return None


async def sign_in_and_step_up(served: TestServer, late: float) -> None:
    cookie = await sign_in(served, late)
    found = await find_sign_in(served.server, cookie)
    if found is not None:
        await step_up(served.server, found, ("otp",), HERE, detail={})


async def test_no_session_of_the_old_password_outlives_the_new_one(backend: Backend) -> None:
    served = await a_server(backend=backend)
    await served.add_person("amy", password_hash=await served.passwords.hash(OLD))
    for round_ in range(4):
        racers = [sign_in_and_step_up(served, number / 2000) for number in range(RACERS)]
        await asyncio.gather(*racers, set_password(served.server, "amy", f"new {round_}", actor="admin"))
        assert await served.server.storage.find(SESSIONS, {"ended_at": 0}) == []
        await set_password(served.server, "amy", OLD, actor="admin")
    assert await sign_in(served, 0) is not None
