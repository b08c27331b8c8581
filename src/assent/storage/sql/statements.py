"""The SQL of single reads and writes, made from the tables list; the same words on both databases.

Parameters are numbered: `mark` is "?" on SQLite and "$" on PostgreSQL. The first is always the issuer, so that
no statement can reach another issuer's rows. Names come from `storage.tables` alone, never from a request.
"""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from assent.storage.interface import Table
from assent.storage.rows import layout_of
from assent.storage.steps import Form


def quoted(names: Iterable[str]) -> str:
    """Names as SQL: `"a", "b"`."""
    return ", ".join(f'"{name}"' for name in names)


def columns_of(table: Table[Any]) -> str:
    """A table's columns in the order of its layout, without the issuer."""
    return quoted(column.name for column in layout_of(table).columns)


@cache
def get_sql(table: Table[Any], mark: str) -> str:
    """Reads one row. Parameters: issuer, key."""
    return f'SELECT {columns_of(table)} FROM "{table.name}" WHERE {_own(table.key, _numbers(mark))}'


@cache
def find_sql(
    table: Table[Any],
    wheres: tuple[str, ...],
    nulls: tuple[str, ...],
    is_after: bool,
    is_newest_first: bool,
    mark: str,
) -> str:
    """Reads rows in key order. Parameters: issuer, limit, what is compared, the key to start after."""
    number = _numbers(mark)
    issuer, limit = number(), number()
    conditions = [f'"issuer" = {issuer}', *_equal(wheres, nulls, number)]
    if is_after:
        keys = ", ".join(number() for _ in table.key)
        conditions.append(f"({quoted(table.key)}) {'<' if is_newest_first else '>'} ({keys})")
    order = ", ".join(f'"{name}"{" DESC" if is_newest_first else ""}' for name in table.key)
    return (
        f'SELECT {columns_of(table)} FROM "{table.name}" WHERE {" AND ".join(conditions)}'
        f" ORDER BY {order} LIMIT {limit}"
    )


@cache
def write_sql(form: Form, mark: str) -> str:
    """Carries out a write; it won when a row was touched. Parameters: issuer, the step's values."""
    table, number = form.table, _numbers(mark)
    if form.verb in ("add", "put"):
        columns = [column.name for column in layout_of(table).columns]
        values = ", ".join(number() for _ in ("issuer", *columns))
        insert = f'INSERT INTO "{table.name}" ("issuer", {quoted(columns)}) VALUES ({values})'
        return f"{insert} {on_conflict(form)}"
    if form.verb == "remove":
        return f'DELETE FROM "{table.name}" WHERE {_own(table.key, number)}'
    key = table.key if form.verb == "change" else ()
    own = _own(key, number)
    sets = ", ".join(f'"{name}" = {number()}' for name in form.sets) or '"issuer" = "issuer"'
    conditions = " AND ".join([own, *_equal(form.wheres, form.nulls, number)])
    return f'UPDATE "{table.name}" SET {sets} WHERE {conditions}'


def on_conflict(form: Form) -> str:
    """What an insertion does when the key is taken."""
    if form.verb == "add":
        return "ON CONFLICT DO NOTHING"
    table = form.table
    names = [c.name for c in layout_of(table).columns if c.name not in table.key] or ["issuer"]
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names)
    return f'ON CONFLICT ("issuer", {quoted(table.key)}) DO UPDATE SET {sets}'


@cache
def sweep_sql(table: Table[Any], mark: str, lock: str = "") -> str:
    """Drops rows that expired before an instant. Parameters: issuer, the instant, at most how many."""
    key = f'"issuer", {quoted(table.key)}'
    return (
        f'DELETE FROM "{table.name}" WHERE ({key}) IN (SELECT {key} FROM "{table.name}"'
        f' WHERE "issuer" = {mark}1 AND "{table.expires}" > 0 AND "{table.expires}" < {mark}2'
        f" LIMIT {mark}3 {lock})"
    )


@cache
def next_issuer_sql(table: Table[Any], mark: str) -> str:
    """Reads the first issuer after another that has rows in a table. Parameter: the other issuer."""
    return f'SELECT min("issuer") FROM "{table.name}" WHERE "issuer" > {mark}1'


def _own(key: tuple[str, ...], number: Callable[[], str]) -> str:
    return " AND ".join(f'"{name}" = {number()}' for name in ("issuer", *key))


def _equal(wheres: tuple[str, ...], nulls: tuple[str, ...], number: Callable[[], str]) -> list[str]:
    return [*(f'"{name}" = {number()}' for name in wheres), *(f'"{name}" IS NULL' for name in nulls)]


def _numbers(mark: str) -> Callable[[], str]:
    """Gives `?1`, `?2` … (or `$1`, `$2` …), one at each call."""
    count = 0

    def number() -> str:
        nonlocal count
        count += 1
        return f"{mark}{count}"

    return number
