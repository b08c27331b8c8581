"""Reads by key that arrive together, sent together, the same key once."""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

import asyncio
from functools import cache
from typing import Any

from assent.storage.interface import Key, Table
from assent.storage.rows import layout_of
from assent.storage.sql.postgres_chains import TYPES
from assent.storage.sql.postgres_pool import Pool
from assent.storage.sql.statements import columns_of, equal

_MOST_AT_ONCE = 128
_MOST_IN_FLIGHT = 1


class Reads:
    """What waits to be read, by issuer and table. What arrives while statements are on their way is the next one."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._groups: dict[tuple[str, Table[Any]], _Group] = {}

    async def get(self, issuer: str, table: Table[Any], key: Key) -> Any:
        """The record with this key, or None. Whoever asks for it at the same time gets the same value."""
        group = self._groups.get((issuer, table))
        if group is None:
            group = self._groups[issuer, table] = _Group(self._pool, issuer, table)
        return await group.get(key)


class _Group:
    """One issuer's rows of one table."""

    def __init__(self, pool: Pool, issuer: str, table: Table[Any]) -> None:
        self._pool, self._issuer, self._table = pool, issuer, table
        self._waiting: dict[Key, list[asyncio.Future[Any]]] = {}
        self._in_flight: set[asyncio.Task[None]] = set()

    def get(self, key: Key) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.setdefault(key, []).append(answer)
        if len(self._in_flight) < _MOST_IN_FLIGHT and len(self._waiting) == 1:
            self._start()
        return answer

    def _start(self) -> None:
        task = asyncio.get_running_loop().create_task(self._read())
        self._in_flight.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if self._waiting and len(self._in_flight) < _MOST_IN_FLIGHT:
            self._start()

    async def _read(self) -> None:
        """Reads what waits now: the task begins when whoever runs in this turn of the loop has asked."""
        keys = list(self._waiting)[:_MOST_AT_ONCE]
        asked = {key: self._waiting.pop(key) for key in keys}
        if not asked:
            return
        layout = layout_of(self._table)
        try:
            rows = await self._pool.read(_get_many_sql(self._table), self._issuer, *zip(*asked, strict=True))
        except Exception as error:  # whoever waits must be told, whatever it is
            for answers in asked.values():
                _fail(answers, error)
            return
        for row in rows:
            key = layout.key_of(row)
            if key in asked:
                _settle(asked.pop(key), layout.decode(row))
        for answers in asked.values():
            _settle(answers, None)


def _settle(answers: "list[asyncio.Future[Any]]", record: Any) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_result(record)


def _fail(answers: "list[asyncio.Future[Any]]", error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)


@cache
def _get_many_sql(table: Table[Any]) -> str:
    """Reads rows by key, each by itself in the primary key's index. Parameters: issuer, an array for each key field."""
    layout = layout_of(table)
    arrays = ", ".join(f"${n}::{TYPES[column.kind]}[]" for n, column in enumerate(layout.key, 2))
    values = [f"k{n}" for n in range(len(layout.key))]
    own = " AND ".join(equal(("issuer", *table.key), ("$1", *values)))
    return (
        f"SELECT t.* FROM unnest({arrays}) AS keys({', '.join(values)}) CROSS JOIN LATERAL"
        f' (SELECT {columns_of(table)} FROM "{table.name}" WHERE {own} LIMIT 1) t'
    )
