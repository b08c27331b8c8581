"""How a record is a row: one column a field, and the same refusals on every backend.

Texts, integers, bytes and truths are columns as such; tuples, dicts and nested values are JSON texts. Owns what
a column can hold: what some database could not keep (NUL and lone surrogates in text, integers beyond 64 bits)
is refused by all with `Unstorable`, and a value of another type than the field's with `TypeError`. Knows no SQL.
"""

import dataclasses
import types
from collections.abc import Callable
from functools import cache, lru_cache
from operator import attrgetter, itemgetter
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec

from assent.storage.interface import Key, Scalar, Table, Unstorable

Kind = Literal["text", "integer", "bytes", "boolean", "json"]
Row = tuple[Scalar, ...]
Encode = Callable[[Any], Scalar]

_LONGEST_INDEXED = 600
"""In UTF-8 bytes. An index entry holds up to four such values, and PostgreSQL's are of 2,704 bytes at most."""

_LONGEST = 2**28
"""In UTF-8 bytes; what both databases take, and far beyond what a request may carry."""

_REMEMBERED_ROWS = 1024
"""How many records a table that repeats itself remembers."""

_REMEMBERED_DOCUMENTS = 4096
"""How many decoded JSON texts a column of immutable values remembers: clients repeat themselves."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a record: `encode` checks a value and makes it a scalar, `decode` (if any) is the way back."""

    name: str
    kind: Kind
    nullable: bool
    encode: Encode
    decode: Callable[[Any], Any] | None


class Layout:
    """The columns of a table and how its records become rows, worked out once."""

    __slots__ = (
        "_by_name",
        "_decoders",
        "_key_of_row",
        "_remembered",
        "columns",
        "key",
        "table",
        "values_of",
    )

    def __init__(self, table: Table[Any]) -> None:
        hints = get_type_hints(table.record)
        fields = dataclasses.fields(table.record)
        found_by = {*table.key, *(name for names in table.finds for name in names)}
        self.table = table
        self.columns = tuple(_column(f.name, hints[f.name], f.name in found_by) for f in fields)
        self._by_name = {column.name: column for column in self.columns}
        self.values_of = attrgetter(*self._by_name)
        self._decoders = tuple((i, c.decode) for i, c in enumerate(self.columns) if c.decode is not None)
        names = list(self._by_name)
        self._key_of_row = itemgetter(*(names.index(name) for name in table.key))
        self.key = tuple(self.column(name) for name in table.key)
        self._remembered: dict[Key, tuple[Row, Any]] = {}

    def column(self, name: str) -> Column:
        """The column of this name. Raises `ValueError` when the table has none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise ValueError(f"{self.table.name} has no field {name!r}") from None

    def decode(self, row: Any) -> Any:
        """The record of a row (any sequence in the order of `columns`)."""
        if not self.table.repeats:
            return self._decoded(row)
        row, key = tuple(row), self.key_of(row)
        before = self._remembered.get(key)
        if before is not None and before[0] == row:
            return before[1]
        record = self._decoded(row)
        if len(self._remembered) >= _REMEMBERED_ROWS:
            self._remembered.clear()
        self._remembered[key] = row, record
        return record

    def _decoded(self, row: Any) -> Any:
        values = list(row)
        for i, decode in self._decoders:
            if values[i] is not None:
                values[i] = decode(values[i])
        return self.table.record(*values)

    def encode_key(self, key: Key) -> Key:
        """A key, checked."""
        if len(key) != len(self.key):
            raise ValueError(f"a key of {self.table.name} is {self.table.key}, {len(key)} values were given")
        return tuple([column.encode(value) for column, value in zip(self.key, key, strict=True)])

    def key_of(self, row: Any) -> Key:
        """The key of a row."""
        key = self._key_of_row(row)
        return key if len(self.key) > 1 else (key,)


@cache
def layout_of(table: Table[Any]) -> Layout:
    """The layout of a table."""
    return Layout(table)


def _column(name: str, hint: Any, is_indexed: bool) -> Column:
    hint = _bare(hint)
    nullable = False
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        nullable = len(members) < len(get_args(hint))
        hint = _bare(members[0] if len(members) == 1 else Union[tuple(members)])  # noqa: UP007  a computed union
    kind = _kind(hint)
    encode = _ENCODERS[kind](name, nullable, _LONGEST_INDEXED if is_indexed else _LONGEST)
    decode: Callable[[Any], Any] | None = None
    if kind == "boolean":
        decode = bool  # SQLite has no truths
    elif kind == "json":
        decode = msgspec.json.Decoder(hint).decode
        if _is_immutable(hint):
            decode = lru_cache(_REMEMBERED_DOCUMENTS)(decode)
    return Column(name, kind, nullable, encode, decode)


def _bare(hint: Any) -> Any:
    return hint.__supertype__ if isinstance(hint, NewType) else hint


def _kind(hint: Any) -> Kind:
    if hint is str or (get_origin(hint) is Literal and all(isinstance(arg, str) for arg in get_args(hint))):
        return "text"
    kinds: dict[Any, Kind] = {int: "integer", bytes: "bytes", bool: "boolean"}
    return kinds.get(hint, "json")


def _is_immutable(hint: Any) -> bool:
    """Whether values of this type can be shared: nothing in them can be changed."""
    if get_origin(hint) is tuple:
        return all(arg is Ellipsis or _is_immutable(arg) for arg in get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return all(_is_immutable(arg) for arg in get_args(hint))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return all(_is_immutable(field) for field in get_type_hints(hint).values())
    return hint in (str, int, bool, bytes, type(None)) or get_origin(hint) is Literal


# Checks, made once a column. Each has a short way for what is right, as on every request; the rest names what is wrong.


def _text(name: str, nullable: bool, longest: int) -> Encode:
    def encode(value: Any) -> Scalar:
        if value.__class__ is str and value.isascii() and "\0" not in value and len(value) <= longest:
            return value
        if value is None and nullable:
            return None
        if not isinstance(value, str):
            raise _wrong(name, "str", value)
        if "\0" in value:
            raise Unstorable(f"{name}: NUL cannot be kept in text")
        try:
            length = len(value.encode())
        except UnicodeEncodeError:
            raise Unstorable(f"{name}: a lone surrogate cannot be kept in text") from None
        return _short(name, value, length, longest)

    return encode


def _integer(name: str, nullable: bool, _longest: int) -> Encode:
    def encode(value: Any) -> Scalar:
        if value.__class__ is int and -(2**63) <= value < 2**63:
            return value
        if value is None and nullable:
            return None
        if value.__class__ is not int:
            raise _wrong(name, "int", value)
        raise Unstorable(f"{name}: an integer of more than 64 bits cannot be kept")

    return encode


def _bytes(name: str, nullable: bool, longest: int) -> Encode:
    def encode(value: Any) -> Scalar:
        if value is None and nullable:
            return None
        if not isinstance(value, bytes):
            raise _wrong(name, "bytes", value)
        return _short(name, value, len(value), longest)

    return encode


def _boolean(name: str, nullable: bool, _longest: int) -> Encode:
    def encode(value: Any) -> Scalar:
        if value is None and nullable:
            return None
        if not isinstance(value, bool):
            raise _wrong(name, "bool", value)
        return value

    return encode


def _json(name: str, nullable: bool, _longest: int) -> Encode:
    write = msgspec.json.Encoder().encode

    def encode(value: Any) -> Scalar:
        if value is None:
            if nullable:
                return None
            raise _wrong(name, "a value", value)
        try:
            return write(value).decode()
        except (UnicodeEncodeError, OverflowError):
            raise Unstorable(f"{name}: a text or number in it cannot be kept") from None

    return encode


def _short(name: str, value: str | bytes, length: int, longest: int) -> Scalar:
    if length > longest:
        raise Unstorable(f"{name}: longer than {longest} bytes")
    return value


def _wrong(name: str, wanted: str, value: Any) -> TypeError:
    return TypeError(f"{name} takes {wanted}, not {type(value).__name__}")


_ENCODERS: dict[Kind, Callable[[str, bool, int], Encode]] = {
    "text": _text,
    "integer": _integer,
    "bytes": _bytes,
    "boolean": _boolean,
    "json": _json,
}
