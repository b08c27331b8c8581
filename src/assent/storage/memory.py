"""Storage in this process's memory: for tests and first looks. Nothing of it outlives the process.

Rows are kept encoded, so that what comes back is what a database would give. Each call lets other tasks run
first, as a database would.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from assent.storage.interface import (
    Act,
    Backend,
    Key,
    Outcomes,
    Scalar,
    Storage,
    StorageError,
    Table,
    Unstorable,
)
from assent.storage.rows import Layout, Row, layout_of
from assent.storage.steps import Form, Step, steps_of, where_of
from assent.storage.tables import KEPT_SECONDS

Record = TypeVar("Record")
_Rows = dict[Key, Row]


def open_memory(url: str = "memory:", *, folder: Path | None = None) -> Backend:
    """A backend whose rows live as long as it."""
    return MemoryBackend()


class MemoryBackend:
    """Every issuer's rows in dictionaries."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Table[Any]], _Rows] = {}
        self._is_closed = False

    def scoped(self, issuer: str) -> Storage:
        """The storage of one issuer."""
        return MemoryStorage(self, issuer)

    async def open(self) -> None:
        """Nothing to connect to."""
        self._is_closed = False

    async def close(self) -> None:
        """Refuses what comes after; the rows stay."""
        self._is_closed = True

    async def migrate(self) -> list[str]:
        """There is no schema."""
        return []

    async def pending_migrations(self) -> list[str]:
        """There is no schema."""
        return []

    async def now(self) -> float:
        """This machine's clock."""
        return time.time()

    async def problems(self) -> list[str]:
        """What makes it unfit for anything but a look."""
        return ["rows in memory are forgotten when the process ends"]

    async def sweep(self, now: int) -> int:
        """Drops rows that expired before `now`, some minutes after they did."""
        dropped = 0
        for (_, table), rows in self._rows.items():
            if table.expires is None:
                continue
            at = _place(layout_of(table), table.expires)
            old = [key for key, row in rows.items() if 0 < _int(row[at]) < now - KEPT_SECONDS]
            for key in old:
                del rows[key]
            dropped += len(old)
        return dropped

    async def turn(self) -> None:
        """Lets other tasks run first. Raises `StorageError` when the backend is closed."""
        if self._is_closed:
            raise StorageError("the storage is closed")
        await asyncio.sleep(0)

    def rows(self, issuer: str, table: Table[Any]) -> _Rows:
        """One issuer's rows of a table."""
        return self._rows.setdefault((issuer, table), {})

    def put_back(self, issuer: str, before: Mapping[Table[Any], _Rows]) -> None:
        """Makes these tables of an issuer what they were."""
        for table, rows in before.items():
            self._rows[issuer, table] = rows


class MemoryStorage:
    """One issuer's storage."""

    def __init__(self, backend: MemoryBackend, issuer: str) -> None:
        self._backend = backend
        self._issuer = issuer

    @property
    def issuer(self) -> str:
        """The issuer's id."""
        return self._issuer

    async def get(self, table: Table[Record], *key: Scalar) -> Record | None:
        """The row with this key, or None."""
        layout = layout_of(table)
        try:
            wanted = layout.encode_key(key)
        except Unstorable:
            return None  # no row can have such a key
        await self._backend.turn()
        row = self._backend.rows(self._issuer, table).get(wanted)
        return None if row is None else layout.decode(row)

    async def find(
        self,
        table: Table[Record],
        where: Mapping[str, Scalar] | None = None,
        *,
        after: Key | None = None,
        limit: int = 1000,
        newest_first: bool = False,
    ) -> list[Record]:
        """Rows whose fields equal `where`, in key order (or its reverse), `after` a key, at most `limit`."""
        layout = layout_of(table)
        try:
            names, nulls, values = where_of(table, where or {})
            start = None if after is None else layout.encode_key(after)
        except Unstorable:
            return []  # no row can have such a value
        await self._backend.turn()
        condition = _Condition(layout, names, nulls, values)
        rows = self._backend.rows(self._issuer, table)
        keys: list[Any] = sorted(
            (key for key, row in rows.items() if condition.holds(row)), reverse=newest_first
        )
        if start is not None:
            keys = [key for key in keys if (key < start if newest_first else key > start)]
        return [layout.decode(rows[key]) for key in keys[:limit]]

    async def commit(self, act: Act) -> Outcomes:
        """Applies the act."""
        steps = steps_of(act)
        await self._backend.turn()
        won: list[bool] = []
        before: dict[Table[Any], _Rows] = {}
        for step in steps:
            table = step.form.table
            rows = self._backend.rows(self._issuer, table)
            if act.whole and table not in before:
                before[table] = dict(rows)
            if not _run(step, rows):
                self._backend.put_back(self._issuer, before)
                break
            won.append(True)
        return Outcomes((*won, *[False] * (len(steps) - len(won))))


class _Condition:
    def __init__(self, layout: Layout, names: tuple[str, ...], nulls: tuple[str, ...], values: Key) -> None:
        self._wanted = [(_place(layout, name), value) for name, value in zip(names, values, strict=True)]
        self._wanted += [(_place(layout, name), None) for name in nulls]

    def holds(self, row: Row) -> bool:
        return all(row[at] == value for at, value in self._wanted)


def _run(step: Step, rows: _Rows) -> bool:
    form, key = step.form, step.key
    if form.verb == "change_all":
        return _change_all(form, step.values, rows)
    assert key is not None  # noqa: S101  only change_all has no key
    if form.verb == "add":
        return rows.setdefault(key, step.values) is step.values
    if form.verb == "put":
        rows[key] = step.values
        return True
    if form.verb == "remove":
        return rows.pop(key, None) is not None
    row = rows.get(key)
    sets, compared = _split(form, step.values[len(key) :])
    if row is None or not _Condition(layout_of(form.table), form.wheres, form.nulls, compared).holds(row):
        return False
    rows[key] = _changed(form, row, sets)
    return True


def _change_all(form: Form, values: tuple[Scalar, ...], rows: _Rows) -> bool:
    sets, compared = _split(form, values)
    condition = _Condition(layout_of(form.table), form.wheres, form.nulls, compared)
    for key, row in rows.items():
        if condition.holds(row):
            rows[key] = _changed(form, row, sets)
    return True


def _split(form: Form, values: tuple[Scalar, ...]) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
    return values[: len(form.sets)], values[len(form.sets) :]


def _changed(form: Form, row: Row, sets: tuple[Scalar, ...]) -> Row:
    new = list(row)
    for name, value in zip(form.sets, sets, strict=True):
        new[_place(layout_of(form.table), name)] = value
    return tuple(new)


def _place(layout: Layout, name: str) -> int:
    return layout.columns.index(layout.column(name))


def _int(value: Scalar) -> int:
    return value if isinstance(value, int) else 0
