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

_LONGEST_INDEXED = 600
"""In UTF-8 bytes. An index entry holds up to four such values, and PostgreSQL's are of 2,704 bytes at most."""

_REMEMBERED_DOCUMENTS = 4096
"""How many decoded JSON texts a column of immutable values remembers: clients repeat themselves."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a record: `encode` checks a value and makes it a scalar, `decode` (if any) is the way back."""

    name: str
    kind: Kind
    nullable: bool
    encode: Callable[[Any], Scalar]
    decode: Callable[[Any], Any] | None


class Layout:
    """The columns of a table and how its records become rows, worked out once."""

    __slots__ = ("_by_name", "_decoders", "_key_of_row", "_values_of", "columns", "key", "table")

    def __init__(self, table: Table[Any]) -> None:
        hints = get_type_hints(table.record)
        fields = dataclasses.fields(table.record)
        found_by = {*table.key, *(name for names in table.finds for name in names)}
        self.table = table
        self.columns = tuple(_column(f.name, hints[f.name], f.name in found_by) for f in fields)
        self._by_name = {column.name: column for column in self.columns}
        self._values_of = attrgetter(*self._by_name)
        self._decoders = tuple((i, c.decode) for i, c in enumerate(self.columns) if c.decode is not None)
        names = list(self._by_name)
        self._key_of_row = itemgetter(*(names.index(name) for name in table.key))
        self.key = tuple(self.column(name) for name in table.key)

    def column(self, name: str) -> Column:
        """The column of this name. Raises `ValueError` when the table has none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise ValueError(f"{self.table.name} has no field {name!r}") from None

    def encode(self, record: Any) -> Row:
        """The row of a record, in the order of `columns`."""
        if type(record) is not self.table.record:
            raise TypeError(
                f"{self.table.name} keeps {self.table.record.__name__}, not {type(record).__name__}"
            )
        return tuple(
            [c.encode(value) for c, value in zip(self.columns, self._values_of(record), strict=True)]
        )

    def decode(self, row: Any) -> Any:
        """The record of a row (any sequence in the order of `columns`)."""
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
    encode = _ENCODERS[kind](name)
    if is_indexed and kind in ("text", "bytes"):
        encode = _short(name, encode)
    decode: Callable[[Any], Any] | None = None
    if kind == "boolean":
        decode = bool  # SQLite has no truths
    elif kind == "json":
        decode = msgspec.json.Decoder(hint).decode
        if _is_immutable(hint):
            decode = lru_cache(_REMEMBERED_DOCUMENTS)(decode)
    return Column(name, kind, nullable, _or_null(encode) if nullable else encode, decode)


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


def _or_null(encode: Callable[[Any], Scalar]) -> Callable[[Any], Scalar]:
    return lambda value: None if value is None else encode(value)


def _short(name: str, encode: Callable[[Any], Scalar]) -> Callable[[Any], Scalar]:
    def encode_short(value: Any) -> Scalar:
        scalar = encode(value)
        if len(value) * 4 > _LONGEST_INDEXED and len(_utf8(value)) > _LONGEST_INDEXED:
            raise Unstorable(f"{name}: longer than {_LONGEST_INDEXED} bytes, too long to find by")
        return scalar

    return encode_short


def _utf8(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _text(name: str) -> Callable[[Any], Scalar]:
    def encode(value: Any) -> Scalar:
        if not isinstance(value, str):
            raise _wrong(name, "str", value)
        if "\0" in value:
            raise Unstorable(f"{name}: NUL cannot be kept in text")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Unstorable(f"{name}: a lone surrogate cannot be kept in text") from None
        return value

    return encode


def _integer(name: str) -> Callable[[Any], Scalar]:
    def encode(value: Any) -> Scalar:
        if type(value) is not int:
            raise _wrong(name, "int", value)
        if not -(2**63) <= value < 2**63:
            raise Unstorable(f"{name}: an integer of more than 64 bits cannot be kept")
        return value

    return encode


def _bytes(name: str) -> Callable[[Any], Scalar]:
    def encode(value: Any) -> Scalar:
        if not isinstance(value, bytes):
            raise _wrong(name, "bytes", value)
        return value

    return encode


def _boolean(name: str) -> Callable[[Any], Scalar]:
    def encode(value: Any) -> Scalar:
        if not isinstance(value, bool):
            raise _wrong(name, "bool", value)
        return value

    return encode


def _json(name: str) -> Callable[[Any], Scalar]:
    write = msgspec.json.Encoder().encode

    def encode(value: Any) -> Scalar:
        if value is None:
            raise _wrong(name, "a value", value)
        try:
            return write(value).decode()
        except (UnicodeEncodeError, OverflowError):
            raise Unstorable(f"{name}: a text or number in it cannot be kept") from None

    return encode


def _wrong(name: str, wanted: str, value: Any) -> TypeError:
    return TypeError(f"{name} takes {wanted}, not {type(value).__name__}")


_ENCODERS: dict[Kind, Callable[[str], Callable[[Any], Scalar]]] = {
    "text": _text,
    "integer": _integer,
    "bytes": _bytes,
    "boolean": _boolean,
    "json": _json,
}
