"""The SQL that carries out a chain of writes as one statement.

Each write is a data-modifying CTE that does something only where the write before it did. All parts of a statement
see the same moment and none sees another's rows: a chain that touches a row twice cannot be carried out so.
"""

# ruff: noqa: S608  names are those of our own tables and fields; every value is a parameter

from functools import lru_cache

from assent.storage.rows import Kind
from assent.storage.sql.statements import POSTGRES, write_sql
from assent.storage.steps import Form

Shape = tuple[Form, ...]
"""The forms of a chain's writes. Chains of one shape differ in values alone."""

CHANNEL = "assent_changes"
"""Notified in every transaction that writes to a table that `repeats`."""

TYPES: dict[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "bytes": "bytea",
    "boolean": "boolean",
    "json": "text",
}


@lru_cache(1024)
def chain_sql(shape: Shape) -> str:
    """The statement for a chain; it gives how many rows its writes touched, one a write as long as they win.

    Whoever remembers rows of a table that `repeats` is told (`postgres_remembered`).

    Parameters: the issuer, then the values of each write.
    """
    parts = []
    counts = []
    number = 2
    for place, form in enumerate(shape):
        condition = f"EXISTS (SELECT FROM w{place - 1})" if place else "TRUE"
        values = [f"${n}::{TYPES[column.kind]}" for n, column in enumerate(form.columns, number)]
        number += len(values)
        sql = write_sql(form, "$1", values, POSTGRES, condition)
        parts.append(
            f"w{place} AS ({sql})" if sql.startswith("SELECT") else f"w{place} AS ({sql} RETURNING 1)"
        )
        counts.append(f"(SELECT count(*) FROM w{place})")
    if any(form.table.repeats for form in shape):
        counts.append(f"(SELECT 0 FROM pg_notify('{CHANNEL}', ''))")
    return f"WITH {', '.join(parts)} SELECT {' + '.join(counts)}"
