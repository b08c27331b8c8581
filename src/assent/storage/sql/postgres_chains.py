"""The SQL that carries out many chains at once: one statement, one transaction, one round trip.

Chains of one shape (the same forms in the same order) differ in values alone; each value of each write is sent
as an array with one element a chain. A write is a data-modifying CTE that touches only the chains for which the
write before it won. All parts of a statement see the same moment and none sees another's rows, so that the chains
of one statement, and the writes of one chain, must touch different rows: `postgres_acts` takes care of that.
"""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from assent.storage.interface import Outcomes
from assent.storage.rows import Kind, layout_of
from assent.storage.sql.statements import on_conflict, quoted
from assent.storage.steps import Form, Step

Shape = tuple[Form, ...]

_ARRAYS: dict[Kind, str] = {
    "text": "text[]",
    "integer": "bigint[]",
    "bytes": "bytea[]",
    "boolean": "boolean[]",
    "json": "text[]",
}


def chain_values(chains: Sequence[Sequence[Step]]) -> list[tuple[Any, ...]]:
    """The arrays that the statement of `chain_sql` takes after the issuer."""
    rows = [[value for step in chain for value in step.values] for chain in chains]
    return list(zip(*rows, strict=True))


def chain_outcomes(shape: Shape, count: int, winners: Sequence[Sequence[int] | None]) -> list[Outcomes]:
    """What became of each of `count` chains, from the row that the statement gives."""
    if all(won is None for won in winners):
        return [_outcomes(len(shape), len(shape))] * count
    writes_won = [0] * count
    everyone = range(1, count + 1)
    before: Sequence[int] = everyone
    told = iter(winners)
    for form in shape:
        if form.verb != "put":  # which always wins, and is not told
            won = next(told)
            before = everyone if won is None else won
        for n in before:
            writes_won[n - 1] += 1
    return [_outcomes(won, len(shape)) for won in writes_won]


@lru_cache(1024)
def chain_sql(shape: Shape) -> str:
    """The statement for chains of a shape. Parameters: the issuer, then an array for each value of each write.

    It gives one row, with a column for each write that can lose: the numbers (from 1) of the chains for which it
    won, NULL when that is all of them.
    """
    kinds = [kind for form in shape for kind in _kinds(form)]
    arrays = ", ".join(f"${n}::{_ARRAYS[kind]}" for n, kind in enumerate(kinds, 2))
    names = ", ".join(f"v{n}" for n in range(2, len(kinds) + 2))
    parts = [f"chains AS (SELECT * FROM unnest({arrays}) WITH ORDINALITY AS a({names}, n))"]
    told = []
    condition = ""
    number = 2
    for place, form in enumerate(shape):
        name = f"w{place}"
        parts.append(f"{name} AS ({_write_sql(form, number, condition)})")
        if form.verb != "put":
            condition = _has_won(form, name, number)
            everyone = f"(SELECT count(*) FROM {name}) = cardinality($2)"
            told.append(
                f"CASE WHEN {everyone} THEN NULL ELSE ARRAY(SELECT a.n FROM chains a WHERE {condition}) END"
            )
        number += len(_kinds(form))
    return f"WITH {', '.join(parts)} SELECT {', '.join(told)}"


def _kinds(form: Form) -> list[Kind]:
    layout = layout_of(form.table)
    if form.verb in ("add", "put"):
        return [column.kind for column in layout.columns]
    names = (*form.table.key, *form.sets, *form.wheres)
    return [layout.column(name).kind for name in names]


def _write_sql(form: Form, first: int, condition: str) -> str:
    """One write for all chains that fulfil the condition; its values are `v{first}` and following."""
    table = form.table
    where = f" WHERE {condition}" if condition else ""
    if form.verb in ("add", "put"):
        columns = [column.name for column in layout_of(table).columns]
        values = ", ".join(f"a.v{n}" for n in range(first, first + len(columns)))
        return (
            f'INSERT INTO "{table.name}" ("issuer", {quoted(columns)}) SELECT $1, {values} FROM chains a{where}'
            f" {on_conflict(form)} RETURNING {quoted(table.key)}"
        )
    numbers = iter(range(first, first + len(_kinds(form))))
    own = ['t."issuer" = $1']
    for name in table.key:
        n = next(numbers)
        # The array as well: else a plan made while the table was empty reads all of it when it is not.
        own.append(f't."{name}" = ANY(${n}) AND t."{name}" = a.v{n}')
    if form.verb == "remove":
        conditions = " AND ".join([*own, *([condition] if condition else [])])
        return f'DELETE FROM "{table.name}" t USING chains a WHERE {conditions} RETURNING a.n'
    sets = ", ".join(f'"{name}" = a.v{next(numbers)}' for name in form.sets) or '"issuer" = $1'
    compared = [f't."{name}" = a.v{next(numbers)}' for name in form.wheres]
    compared += [f't."{name}" IS NULL' for name in form.nulls]
    conditions = " AND ".join([*own, *compared, *([condition] if condition else [])])
    return f'UPDATE "{table.name}" t SET {sets} FROM chains a WHERE {conditions} RETURNING a.n'


def _has_won(form: Form, name: str, first: int) -> str:
    """The condition that the write called `name` won for the chain `a`."""
    if form.verb != "add":
        return f"a.n IN (SELECT n FROM {name})"
    columns = [column.name for column in layout_of(form.table).columns]
    key = ", ".join(f"a.v{first + columns.index(field)}" for field in form.table.key)
    return f"({key}) IN (SELECT {quoted(form.table.key)} FROM {name})"


@lru_cache(256)
def _outcomes(won: int, count: int) -> Outcomes:
    return Outcomes((True,) * won + (False,) * (count - won))
