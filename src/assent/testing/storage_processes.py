"""What holds between processes, and when one of them is killed: for backends that outlive their process.

Here `make_backend` must be picklable (a `functools.partial` of a module's function), for it is called in processes
that begin anew.
"""

# ruff: noqa: S101  a suite asserts

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import pytest

from assent.storage.interface import Act, Add, Backend, Change, Storage, act
from assent.storage.tables import AUDIT, CODES, LAUNCHES, REFRESH_TOKENS, SEEN_ASSERTIONS
from assent.testing.storage_fixtures import MakeBackend
from assent.testing.storage_records import (
    a_code,
    a_launch,
    a_refresh_token,
    a_seen_assertion,
    an_event,
    hashed,
)

ISSUER = "https://one.example"
PROCESSES = 4
RACERS = 50
TASKS = 24

_SPAWN = multiprocessing.get_context("spawn")


class ProcessSuite:
    """Several processes on one database."""

    def test_processes_that_race_for_a_row_get_it_once(self, make_backend: MakeBackend) -> None:
        asyncio.run(_prepare(make_backend))
        with _processes(_race, [(make_backend, name) for name in "abcd"]) as connections:
            for connection in connections:
                assert connection.recv() == "ready"
            for connection in connections:
                connection.send("go")
            wins = [connection.recv() for connection in connections]
        assert {kind: sum(won[kind] for won in wins) for kind in wins[0]} == dict.fromkeys(RACES, 1)

    def test_processes_that_migrate_at_once_migrate_once(self, make_backend: MakeBackend) -> None:
        with _processes(_migrate, [(make_backend,)] * PROCESSES) as connections:
            ran = [connection.recv() for connection in connections]
        assert sorted(map(bool, ran)) == [False] * (PROCESSES - 1) + [True]

    @pytest.mark.parametrize("reports", [50, 400, 1500])
    def test_a_killed_process_leaves_all_that_it_answered(
        self, make_backend: MakeBackend, reports: int
    ) -> None:
        asyncio.run(_prepare(make_backend))
        with _processes(_work, [(make_backend,)]) as [connection]:
            answered = [connection.recv_bytes() for _ in range(reports)]
        # Leaving the block killed it, as `kill -9` does; what it had reported by then counts as well.
        answered += _rest(connection)
        asyncio.run(_check(make_backend, [report.decode() for report in answered]))


async def _prepare(make_backend: MakeBackend) -> None:
    async with _opened(make_backend()) as storage:
        writes = (
            Add(CODES, a_code()),
            Add(REFRESH_TOKENS, a_refresh_token()),
            Add(LAUNCHES, a_launch()),
        )
        assert (await storage.commit(Act(writes))).all


@asynccontextmanager
async def _opened(backend: Backend) -> AsyncIterator[Storage]:
    """A migrated backend's storage."""
    await backend.migrate()
    await backend.open()
    yield backend.scoped(ISSUER)
    await backend.close()


@contextmanager
def _processes(target: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> Iterator[list[Connection]]:
    """Processes that run the target with a connection and these arguments; killed at the end of the block."""
    connections, processes = [], []
    for each in arguments:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=target, args=(theirs, *each), daemon=True)
        process.start()
        theirs.close()
        connections.append(ours)
        processes.append(process)
    try:
        yield connections
    finally:
        for process in processes:
            process.kill()
            process.join()


def _rest(connection: Connection) -> list[bytes]:
    """What was sent before the other end died; a message that was cut off is none."""
    rest = []
    try:
        while True:
            rest.append(connection.recv_bytes())
    except (EOFError, OSError):
        return rest


# In the other processes.

RACES: dict[str, Callable[[str], Act]] = {
    "code": lambda name: act(
        Change(CODES, (hashed("code"),), {"used_at": 1}, {"used_at": 0}),
        Add(REFRESH_TOKENS, a_refresh_token(f"from code {name}")),
    ),
    "refresh token": lambda name: act(
        Change(REFRESH_TOKENS, (hashed("token"),), {"used_at": 1}, {"used_at": 0}),
        Add(REFRESH_TOKENS, a_refresh_token(f"next {name}")),
        Add(AUDIT, an_event(f"refresh {name}")),
    ),
    "assertion": lambda name: act(
        Add(SEEN_ASSERTIONS, a_seen_assertion()), Add(AUDIT, an_event(f"assertion {name}"))
    ),
    "launch": lambda name: act(
        Change(LAUNCHES, (hashed("launch"),), {"spent_at": 1}, {"spent_at": 0}),
        Add(CODES, a_code(f"launch {name}")),
    ),
}


def _race(connection: Connection, make_backend: MakeBackend, name: str) -> None:
    async def race() -> dict[str, int]:
        backend = make_backend()
        await backend.open()
        storage = backend.scoped(ISSUER)
        connection.send("ready")
        connection.recv()

        async def run(kind: str, i: int) -> tuple[str, bool]:
            return kind, (await storage.commit(RACES[kind](f"{name}{i}"))).all

        results = await asyncio.gather(*(run(kind, i) for i in range(RACERS) for kind in RACES))
        await backend.close()
        return {kind: results.count((kind, True)) for kind in RACES}

    connection.send(asyncio.run(race()))


def _migrate(connection: Connection, make_backend: MakeBackend) -> None:
    connection.send(asyncio.run(make_backend().migrate()))


def _work(connection: Connection, make_backend: MakeBackend) -> None:
    """Adds and uses things without end, and reports each answered act."""

    async def work(storage: Storage, task: int) -> None:
        for i in range(1_000_000):
            name = f"{task}-{i}"
            assert (await storage.commit(act(Add(CODES, a_code(name))))).all
            connection.send_bytes(f"added {name}".encode())
            assert (await storage.commit(_use(name))).all
            connection.send_bytes(f"used {name}".encode())
            assert (await storage.commit(act(Add(SEEN_ASSERTIONS, a_seen_assertion(name))))).all
            connection.send_bytes(f"seen {name}".encode())

    async def work_all() -> None:
        backend = make_backend()
        await backend.open()
        await asyncio.gather(*(work(backend.scoped(ISSUER), task) for task in range(TASKS)))

    asyncio.run(work_all())


def _use(name: str) -> Act:
    return act(
        Change(CODES, (hashed(name),), {"used_at": 5}, {"used_at": 0}),
        Add(REFRESH_TOKENS, a_refresh_token(name)),
        Add(AUDIT, an_event(name)),
    )


# Afterwards.


async def _check(make_backend: MakeBackend, answered: list[str]) -> None:
    """Nothing that was answered is lost, nothing used can be used again, no chain is torn."""
    done: dict[str, set[str]] = {"added": set(), "used": set(), "seen": set()}
    for report in answered:
        verb, _, name = report.partition(" ")
        done[verb].add(name)
    assert all(done.values())
    async with _opened(make_backend()) as storage:
        for name in done["added"]:
            code = await storage.get(CODES, hashed(name))
            assert code is not None, name
            is_used = code == replace(a_code(name), used_at=5)
            assert is_used or name not in done["used"]
            assert (await storage.get(REFRESH_TOKENS, hashed(name)) is not None) == is_used
            assert (await storage.get(AUDIT, name) is not None) == is_used
        for name in done["used"]:
            assert (await storage.commit(_use(name))).lost_at == 0
        for name in done["seen"]:
            assert not (await storage.commit(act(Add(SEEN_ASSERTIONS, a_seen_assertion(name))))).all
