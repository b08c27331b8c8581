"""Acts that arrive together, committed together.

Acts of one shape go out as one statement with many sets of values, one after the other in one transaction and one
round trip: the first of two that touch the same row wins. Whole acts, and those that touch a row twice or rows
unnamed, have a transaction of their own.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

import asyncpg

from assent.storage.interface import Act, Key, Outcomes, StorageError
from assent.storage.sql.postgres_chains import Shape, chain_sql
from assent.storage.sql.postgres_pool import FAULTS, Connection, Pool, failure, rolled_back_again
from assent.storage.steps import Step, steps_of

_MOST_IN_ONE_COMMIT = 128
_MOST_IN_FLIGHT = 4
_MOST_WAITING = 8192


class _Waiting:
    """An act on its way."""

    __slots__ = ("answer", "is_whole", "issuer", "shape", "steps")

    def __init__(self, issuer: str, act: Act, answer: "asyncio.Future[Outcomes]") -> None:
        self.issuer = issuer
        self.steps = steps_of(act)
        self.is_whole = act.whole
        self.answer = answer
        self.shape: Shape | None = None  # None: a transaction of its own
        if self.steps and not act.whole and _touches_rows_once(self.steps):
            self.shape = tuple([step.form for step in self.steps])

    def values(self) -> list[object]:
        """The parameters of `chain_sql`."""
        return [self.issuer, *[value for step in self.steps for value in step.values]]


class Acts:
    """The acts of this process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._ready: dict[Shape | None, deque[_Waiting]] = {}
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
        self._ready.setdefault(waiting.shape, deque()).append(waiting)
        if not self._is_waking:
            self._is_waking = True
            # Not at once: whoever runs in this turn of the loop may have an act of the same shape.
            asyncio.get_running_loop().call_soon(self._wake)
        return await waiting.answer

    async def drain(self) -> None:
        """Returns when nothing is on its way."""
        await self._idle.wait()

    def _wake(self) -> None:
        self._is_waking = False
        while self._ready and len(self._in_flight) < _MOST_IN_FLIGHT:
            shape = next(iter(self._ready))
            ready = self._ready.pop(shape)
            most = 1 if shape is None else _MOST_IN_ONE_COMMIT
            acts = [ready.popleft() for _ in range(min(most, len(ready)))]
            if ready:
                self._ready[shape] = ready  # behind the other shapes
            task = asyncio.get_running_loop().create_task(self._run(shape, acts))
            self._in_flight.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._wake()

    async def _run(self, shape: Shape | None, acts: list[_Waiting]) -> None:
        try:
            if shape is None:
                await self._run_alone(acts[0])
            else:
                await self._run_together(shape, acts)
        except Exception as error:  # whoever waits must be told, whatever it is
            _fail(acts, error)
        finally:
            self._count -= len(acts)
            if not self._count:
                self._idle.set()

    async def _run_together(self, shape: Shape, acts: list[_Waiting]) -> None:
        # In the order of their first rows, so that transactions of several nodes wait for each other in one order.
        acts.sort(key=_first_row)
        try:
            rows = await self._pool.write_many(chain_sql(shape), [act.values() for act in acts])
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            if len(acts) == 1:
                _fail(acts, error)
                return
            for act in acts:  # one of them cannot be carried out; nothing of the others was
                await self._run_together(shape, [act])
        else:
            for act, (won,) in zip(acts, rows, strict=True):
                _settle(act, _outcomes(won, len(shape)))

    async def _run_alone(self, act: _Waiting) -> None:
        async def run() -> Outcomes:
            try:
                async with self._pool.transaction() as connection:
                    return await _run_steps(connection, act)
            except _Lost as lost:
                return lost.outcomes

        _settle(act, await rolled_back_again(run))


class _Lost(Exception):
    """A whole act has a loser: the transaction is rolled back."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self.outcomes = outcomes


async def _run_steps(connection: Connection, act: _Waiting) -> Outcomes:
    won = 0
    for step in act.steps:
        touched = await connection.fetchval(chain_sql((step.form,)), act.issuer, *step.values)
        if not touched and step.form.verb != "change_all":
            break
        won += 1
    outcomes = _outcomes(won, len(act.steps))
    if act.is_whole and not outcomes.all:
        raise _Lost(outcomes)
    return outcomes


def _touches_rows_once(steps: tuple[Step, ...]) -> bool:
    rows = {(step.form.table, step.key) for step in steps if step.key is not None}
    return len(rows) == len(steps)


def _first_row(act: _Waiting) -> tuple[str, Key]:
    return act.issuer, act.steps[0].key or ()


@lru_cache(4096)
def _outcomes(won: int, count: int) -> Outcomes:
    return Outcomes((True,) * won + (False,) * (count - won))


def _settle(act: _Waiting, outcomes: Outcomes) -> None:
    if not act.answer.done():
        act.answer.set_result(outcomes)


def _fail(acts: Sequence[_Waiting], error: Exception) -> None:
    for act in acts:
        if not act.answer.done():
            act.answer.set_exception(failure(error) if isinstance(error, FAULTS) else error)
