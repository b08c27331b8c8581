"""Acts made ready to run: each write as a form (which statement) and its values (checked scalars).

Two writes of one form differ in nothing but values, so that a backend prepares a statement once a form. Owns
the refusal of writes that no backend takes; leaves the running of them to the backends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from assent.storage.interface import Act, Add, ChangeAll, Key, Put, Remove, Scalar, Table, Write
from assent.storage.rows import Column, layout_of

Verb = Literal["add", "put", "change", "change_all", "remove"]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A kind of write: which fields it sets, which it compares with a value (`wheres`) and with None (`nulls`).

    There is one object for each form: compare with `is`.
    """

    verb: Verb
    table: Table[Any]
    sets: tuple[str, ...] = ()
    wheres: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()

    def columns(self) -> tuple[Column, ...]:
        """The columns that a step's values are of."""
        layout = layout_of(self.table)
        if self.verb in ("add", "put"):
            return layout.columns
        key = () if self.verb == "change_all" else layout.key
        return (*key, *[layout.column(name) for name in (*self.sets, *self.wheres)])


@dataclass(frozen=True, slots=True)
class Step:
    """A write of this form. `values`: a record's row; or the key, what is set, what is compared, in this order.

    `key` is None where a write has none (`change_all`).
    """

    form: Form
    key: Key | None
    values: tuple[Scalar, ...]


def steps_of(act: Act) -> tuple[Step, ...]:
    """The act's writes. Raises `ValueError` or `TypeError` when one cannot be carried out anywhere."""
    return tuple([_step(write) for write in act.writes])


def where_of(table: Table[Any], where: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], Key]:
    """A condition as the fields compared with a value, those compared with None, and the values."""
    names = tuple([name for name, value in where.items() if value is not None])
    nulls = tuple([name for name, value in where.items() if value is None])
    column = layout_of(table).column
    for name in nulls:
        column(name)
    return names, nulls, tuple([column(name).encode(where[name]) for name in names])


def _step(write: Write) -> Step:
    table = write.table
    layout = layout_of(table)
    if isinstance(write, Add):
        row = layout.encode(write.record)
        return Step(_form("add", table), layout.key_of(row), row)
    if table.append_only:
        raise ValueError(f"{table.name} only takes additions")
    if isinstance(write, Put):
        row = layout.encode(write.record)
        return Step(_form("put", table), layout.key_of(row), row)
    if isinstance(write, Remove):
        key = layout.encode_key(write.key)
        return Step(_form("remove", table), key, key)
    names = tuple(write.set)
    if not set(names).isdisjoint(table.key):
        raise ValueError(f"the key of {table.name} cannot change")
    sets = tuple([layout.column(name).encode(value) for name, value in write.set.items()])
    wheres, nulls, compared = where_of(table, write.where)
    if isinstance(write, ChangeAll):
        return Step(_form("change_all", table, names, wheres, nulls), None, (*sets, *compared))
    key = layout.encode_key(write.key)
    return Step(_form("change", table, names, wheres, nulls), key, (*key, *sets, *compared))


@lru_cache(4096)
def _form(
    verb: Verb,
    table: Table[Any],
    sets: tuple[str, ...] = (),
    wheres: tuple[str, ...] = (),
    nulls: tuple[str, ...] = (),
) -> Form:
    return Form(verb, table, sets, wheres, nulls)
