"""Acts made ready to run: each write as a form (which statement) and its values (checked scalars).

Two writes of one form differ in nothing but values, so that a backend prepares a statement once a form. Owns
the refusal of writes that no backend takes; leaves the running of them to the backends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from assent.storage.interface import Act, Add, ChangeAll, Key, Put, Remove, Scalar, Table, Write
from assent.storage.rows import Column, Encode, layout_of

Verb = Literal["add", "put", "change", "change_all", "remove"]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A kind of write: which fields it sets, which it compares with a value (`wheres`) and with None (`nulls`).

    `columns` are those that a step's values are of. There is one object for each form: compare with `is`.
    """

    verb: Verb
    table: Table[Any]
    sets: tuple[str, ...]
    wheres: tuple[str, ...]
    nulls: tuple[str, ...]
    columns: tuple[Column, ...]
    encoders: tuple[Encode, ...]


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
    names, nulls = _split(where)
    column = layout_of(table).column
    for name in nulls:
        column(name)
    return names, nulls, tuple([column(name).encode(where[name]) for name in names])


def _step(write: Write) -> Step:
    table = write.table
    if isinstance(write, Add | Put):
        form = _form("add" if isinstance(write, Add) else "put", table)
        if type(write.record) is not table.record:
            raise TypeError(f"{table.name} keeps {table.record.__name__}, not {type(write.record).__name__}")
        layout = layout_of(table)
        row = _encoded(form, layout.values_of(write.record))
        return Step(form, layout.key_of(row), row)
    if isinstance(write, ChangeAll):
        wheres, nulls = _split(write.where)
        form = _form("change_all", table, tuple(write.set), wheres, nulls)
        values = _encoded(form, (*write.set.values(), *[write.where[name] for name in wheres]))
        return Step(form, None, values)
    size = len(table.key)
    if len(write.key) != size:
        raise ValueError(f"a key of {table.name} is {table.key}, {len(write.key)} values were given")
    if isinstance(write, Remove):
        key = _encoded(_form("remove", table), write.key)
        return Step(_form("remove", table), key, key)
    wheres, nulls = _split(write.where)
    form = _form("change", table, tuple(write.set), wheres, nulls)
    values = _encoded(form, (*write.key, *write.set.values(), *[write.where[name] for name in wheres]))
    return Step(form, values[:size], values)


def _encoded(form: Form, values: tuple[Any, ...]) -> tuple[Scalar, ...]:
    return tuple([encode(value) for encode, value in zip(form.encoders, values, strict=True)])


def _split(where: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields compared with a value, and those compared with None."""
    names = tuple([name for name, value in where.items() if value is not None])
    if len(names) == len(where):
        return names, ()
    return names, tuple([name for name, value in where.items() if value is None])


@lru_cache(4096)
def _form(
    verb: Verb,
    table: Table[Any],
    sets: tuple[str, ...] = (),
    wheres: tuple[str, ...] = (),
    nulls: tuple[str, ...] = (),
) -> Form:
    layout = layout_of(table)
    if table.append_only and verb != "add":
        raise ValueError(f"{table.name} only takes additions")
    if not set(sets).isdisjoint(table.key):
        raise ValueError(f"the key of {table.name} cannot change")
    for name in nulls:
        layout.column(name)
    if verb in ("add", "put"):
        columns = layout.columns
    else:
        key = () if verb == "change_all" else layout.key
        columns = (*key, *[layout.column(name) for name in (*sets, *wheres)])
    return Form(verb, table, sets, wheres, nulls, columns, tuple([column.encode for column in columns]))
