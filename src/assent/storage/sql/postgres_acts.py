"""Acts that arrive together, committed together.

Acts of one shape go out as one statement (`postgres_chains`); whole acts and those that touch a row twice, or rows
unnamed, have a transaction of their own. An act waits for those before it that touch a row of its own, so that
the first wins and no statement meets the same row twice.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg

from assent.storage.interface import Act, Key, Outcomes, StorageError, Table
from assent.storage.sql.postgres_chains import Shape, chain_outcomes, chain_sql, chain_values
from assent.storage.sql.postgres_pool import FAULTS, Connection, Pool, failure, rolled_back_again
from assent.storage.sql.statements import write_sql
from assent.storage.steps import Step, steps_of

_MOST_IN_ONE_COMMIT = 128
_MOST_IN_FLIGHT = 4
_MOST_WAITING = 8192

_Row = tuple[str, Table[Any], Key]


class _Waiting:
    """An act on its way, and the acts that wait for it."""

    __slots__ = ("answer", "blocked_by", "followers", "is_whole", "issuer", "rows", "shape", "steps")

    def __init__(self, issuer: str, act: Act, answer: "asyncio.Future[Outcomes]") -> None:
        self.issuer = issuer
        self.steps = steps_of(act)
        self.is_whole = act.whole
        self.answer = answer
        self.rows: list[_Row] = [(issuer, s.form.table, s.key) for s in self.steps if s.key is not None]
        self.shape: Shape | None = None  # None: a transaction of its own
        if not act.whole and self.steps and len(set(self.rows)) == len(self.steps):
            self.shape = tuple([step.form for step in self.steps])
        self.blocked_by = 0
        self.followers: list[_Waiting] = []


class Acts:
    """The acts of this process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._last: dict[_Row, _Waiting] = {}
        self._ready: dict[tuple[str, Shape | None], deque[_Waiting]] = {}
        self._count = 0
        self._is_waking = False
        self._in_flight: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def commit(self, issuer: str, act: Act) -> Outcomes:
        """What became of the act, once it is durable."""
        if self._count >= _MOST_WAITING:
            raise StorageError("too many acts are waiting")
        waiting = _Waiting(issuer, act, asyncio.get_running_loop().create_future())
        self._count += 1
        self._idle.clear()
        for row in waiting.rows:
            before = self._last.get(row)
            if before is not None and before is not waiting:
                before.followers.append(waiting)
                waiting.blocked_by += 1
            self._last[row] = waiting
        if not waiting.blocked_by:
            self._make_ready(waiting)
        return await waiting.answer

    async def drain(self) -> None:
        """Returns when nothing is on its way."""
        await self._idle.wait()

    def _make_ready(self, waiting: _Waiting) -> None:
        self._ready.setdefault((waiting.issuer, waiting.shape), deque()).append(waiting)
        if not self._is_waking:
            self._is_waking = True
            # Not at once: whoever runs in this turn of the loop may have an act of the same shape.
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._is_waking = False
        while self._ready and len(self._in_flight) < _MOST_IN_FLIGHT:
            issuer, shape = group = next(iter(self._ready))
            ready = self._ready.pop(group)
            most = 1 if shape is None else _MOST_IN_ONE_COMMIT
            acts = [ready.popleft() for _ in range(min(most, len(ready)))]
            if ready:
                self._ready[group] = ready  # behind the other shapes
            task = asyncio.get_running_loop().create_task(self._run(issuer, shape, acts))
            self._in_flight.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._wake()

    async def _run(self, issuer: str, shape: Shape | None, acts: list[_Waiting]) -> None:
        try:
            if shape is None:
                await self._run_alone(acts[0])
            else:
                await self._run_together(issuer, shape, acts)
        finally:
            for act in acts:
                self._finish(act)

    def _finish(self, act: _Waiting) -> None:
        for row in act.rows:
            if self._last.get(row) is act:
                del self._last[row]
        for follower in act.followers:
            follower.blocked_by -= 1
            if not follower.blocked_by:
                self._make_ready(follower)
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def _run_together(self, issuer: str, shape: Shape, acts: list[_Waiting]) -> None:
        # In the order of the first row, so that statements of two processes wait for each other in one order.
        acts.sort(key=_first_key)
        try:
            arrays = chain_values([act.steps for act in acts])
            [winners] = await self._pool.write(chain_sql(shape), issuer, *arrays)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            if len(acts) == 1:
                _fail(acts, error)
                return
            for act in acts:  # one of them cannot be carried out; nothing of the others was
                await self._run_together(issuer, shape, [act])
        except FAULTS as error:
            _fail(acts, error)
        else:
            for act, outcomes in zip(acts, chain_outcomes(shape, len(acts), winners), strict=True):
                _settle(act, outcomes)

    async def _run_alone(self, act: _Waiting) -> None:
        async def run() -> Outcomes:
            try:
                async with self._pool.transaction() as connection:
                    return await _run_steps(connection, act)
            except _Lost as lost:
                return lost.outcomes

        try:
            _settle(act, await rolled_back_again(run))
        except FAULTS as error:
            _fail([act], error)


class _Lost(Exception):
    """A whole act has a loser: the transaction is rolled back."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self.outcomes = outcomes


async def _run_steps(connection: Connection, act: _Waiting) -> Outcomes:
    won = 0
    for step in act.steps:
        if not await _run_step(connection, act.issuer, step):
            break
        won += 1
    outcomes = Outcomes((True,) * won + (False,) * (len(act.steps) - won))
    if act.is_whole and not outcomes.all:
        raise _Lost(outcomes)
    return outcomes


async def _run_step(connection: Connection, issuer: str, step: Step) -> bool:
    sql = f"{write_sql(step.form, '$')} RETURNING 1"
    touched = await connection.fetch(sql, issuer, *step.values)
    return bool(touched) or step.form.verb == "change_all"


def _first_key(act: _Waiting) -> Key:
    return act.rows[0][2]


def _settle(act: _Waiting, outcomes: Outcomes) -> None:
    if not act.answer.done():
        act.answer.set_result(outcomes)


def _fail(acts: Sequence[_Waiting], error: Exception) -> None:
    for act in acts:
        if not act.answer.done():
            problem = failure(error)
            problem.__cause__ = error
            act.answer.set_exception(problem)
