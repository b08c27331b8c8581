"""The SQL of reads and writes, made from the tables list; the same words on both databases.

Parameters are numbered, and the first is always the issuer, so that no statement can reach another issuer's rows.
Names come from `storage.tables` alone, never from a request.
"""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assent.storage.interface import Table
from assent.storage.rows import layout_of
from assent.storage.steps import Form


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where the two databases differ.

    `finding` is a collation, written after the issuer and the (text) key where they are looked up in another index
    than the primary key's. On PostgreSQL those indexes have it (equal to the columns' own in effect), since its
    planner, while there is little in a table, would take any index with these columns for as good as the primary
    key, and keep to it when there is much. `hold` locks rows against changes, but not against others that hold them.
    """

    mark: str
    finding: str
    hold: str = ""

    def parameter(self, number: int) -> str:
        """The parameter of this number, from 1."""
        return f"{self.mark}{number}"


SQLITE = Dialect("?", "")
POSTGRES = Dialect("$", ' COLLATE "POSIX"', "FOR SHARE")


def quoted(names: Iterable[str]) -> str:
    """Names as SQL: `"a", "b"`."""
    return ", ".join(f'"{name}"' for name in names)


def columns_of(table: Table[Any]) -> str:
    """A table's columns in the order of its layout, without the issuer."""
    return quoted(column.name for column in layout_of(table).columns)


@cache
def get_sql(table: Table[Any], dialect: Dialect) -> str:
    """Reads one row. Parameters: issuer, key."""
    conditions = equal(("issuer", *table.key), [dialect.parameter(n) for n in range(1, len(table.key) + 2)])
    return f'SELECT {columns_of(table)} FROM "{table.name}" WHERE {" AND ".join(conditions)}'


@cache
def find_sql(
    table: Table[Any],
    wheres: tuple[str, ...],
    nulls: tuple[str, ...],
    is_after: bool,
    is_newest_first: bool,
    dialect: Dialect,
) -> str:
    """Reads rows in key order. Parameters: issuer, limit, what is compared, the key to start after."""
    named = {*wheres, *nulls}
    finding = dialect.finding if any(named.issuperset(find) for find in table.finds) else ""
    numbers = [dialect.parameter(n) for n in range(3, 3 + len(wheres))]
    conditions = [f'"issuer" = {dialect.parameter(1)}{finding}', *_found(table, wheres, numbers, finding)]
    conditions += [f'"{name}" IS NULL' for name in nulls]
    key = [f'"{c.name}"{finding if c.kind == "text" else ""}' for c in layout_of(table).key]
    if is_after:
        first = 3 + len(wheres)
        start = ", ".join(dialect.parameter(n) for n in range(first, first + len(key)))
        conditions.append(f"({', '.join(key)}) {'<' if is_newest_first else '>'} ({start})")
    order = ", ".join(f"{name} DESC" if is_newest_first else name for name in key)
    return (
        f'SELECT {columns_of(table)} FROM "{table.name}" WHERE {" AND ".join(conditions)}'
        f" ORDER BY {order} LIMIT {dialect.parameter(2)}"
    )


def write_sql(
    form: Form, issuer: str, values: Sequence[str], dialect: Dialect, condition: str = "TRUE"
) -> str:
    """Carries out a write where the condition holds; it won when a row was touched.

    `issuer` and `values` are the SQL of the issuer and of the step's values. A change that sets nothing holds the row
    as it is until the act is over.
    """
    table = form.table
    if form.verb in ("add", "put"):
        columns = quoted(column.name for column in layout_of(table).columns)
        return (
            f'INSERT INTO "{table.name}" ("issuer", {columns}) SELECT {issuer}, {", ".join(values)}'
            f" WHERE {condition} {_on_conflict(form)}"
        )
    key = () if form.verb == "change_all" else table.key
    finding = "" if key else dialect.finding
    first_set, first_where = len(key), len(key) + len(form.sets)
    conditions = [
        f'"issuer" = {issuer}{finding}',
        *equal(key, values[:first_set]),
        *_found(table, form.wheres, values[first_where:], finding),
        *(f'"{name}" IS NULL' for name in form.nulls),
        condition,
    ]
    where = " AND ".join(conditions)
    if form.verb == "remove":
        return f'DELETE FROM "{table.name}" WHERE {where}'
    if not form.sets and dialect.hold:
        return f'SELECT FROM "{table.name}" WHERE {where} {dialect.hold}'
    sets = ", ".join(equal(form.sets, values[first_set:first_where])) or '"issuer" = "issuer"'
    return f'UPDATE "{table.name}" SET {sets} WHERE {where}'


def next_issuer_sql(table: Table[Any], dialect: Dialect) -> str:
    """Reads the first issuer after another that has rows in a table. Parameter: the other issuer."""
    return f'SELECT min("issuer") FROM "{table.name}" WHERE "issuer" > {dialect.parameter(1)}'


def equal(names: Sequence[str], values: Sequence[str]) -> list[str]:
    """`"name" = value` for each."""
    return [f'"{name}" = {value}' for name, value in zip(names, values, strict=True)]


def _found(table: Table[Any], names: Sequence[str], values: Sequence[str], finding: str) -> list[str]:
    """The same where rows are found: in an index for that, a field that is of the key too has the collation."""
    kinds = {column.name: column.kind for column in layout_of(table).columns}
    return [
        f'"{name}" = {value}{finding if name in table.key and kinds[name] == "text" else ""}'
        for name, value in zip(names, values, strict=True)
    ]


def _on_conflict(form: Form) -> str:
    if form.verb == "add":
        return "ON CONFLICT DO NOTHING"
    table = form.table
    names = [c.name for c in layout_of(table).columns if c.name not in table.key] or ["issuer"]
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names)
    return f'ON CONFLICT ("issuer", {quoted(table.key)}) DO UPDATE SET {sets}'
