"""The storage contract: tables, writes as values, acts, and what a backend gives.

Read → pure checks → one `commit` whose answer is obeyed. No request holds a transaction open, so a backend is
free to make the acts of concurrent requests durable together. `assent.testing.storage_suite` runs on every
backend; a new one is right when it passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

Record = TypeVar("Record")
Scalar = str | int | bytes | bool | None
Key = tuple[Scalar, ...]


class StorageError(Exception):
    """The storage cannot be reached, or broke off. Nothing is known of the act that raised it."""


class Unstorable(ValueError):
    """A value that not every database can keep: NUL or lone surrogates in text, more than 64 bits.

    A write with it is refused; a read by it finds nothing, since no row can have it.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Table(Generic[Record]):
    """Where records of one kind live.

    `key`: the fields that identify a row (the issuer always leads them, unseen). `finds`: the groups of fields by
    which rows are found, each an index. `expires`: the field (epoch seconds, 0 = never) after which `sweep` may drop
    a row. `append_only` tables take `Add` and nothing else. `repeats`: few rows, read again and again and seldom
    changed. Readers may be given one and the same value (as they may anyhow when they ask at the same time: records are
    not changed), and `get` may be a moment behind what other nodes changed: a second at most.
    """

    name: str
    record: type[Record]
    key: tuple[str, ...]
    finds: tuple[tuple[str, ...], ...] = ()
    expires: str | None = None
    append_only: bool = False
    repeats: bool = False

    def __repr__(self) -> str:
        return f"Table({self.name})"

    def key_of(self, record: Record) -> Key:
        """The key of a record."""
        return tuple(getattr(record, name) for name in self.key)


@dataclass(frozen=True, slots=True)
class Add:
    """Wins when no row has the record's key; then the row is there."""

    table: Table[Any]
    record: Any


@dataclass(frozen=True, slots=True)
class Put:
    """Adds or replaces the row. Always wins."""

    table: Table[Any]
    record: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Sets fields of one row. Wins when the row exists and every field of `where` has the value named there.

    With nothing to set it is a condition that the rest of the chain depends on.
    """

    table: Table[Any]
    key: Key
    set: Mapping[str, Any]
    where: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeAll:
    """Sets fields of every row whose fields equal `where` (one of the table's `finds`, or more). Always wins."""

    table: Table[Any]
    where: Mapping[str, Scalar]
    set: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remove:
    """Drops one row. Wins when it was there."""

    table: Table[Any]
    key: Key


Write = Add | Put | Change | ChangeAll | Remove


@dataclass(frozen=True, slots=True)
class Act:
    """A chain of writes: each is applied only if every write before it won; nothing is undone.

    What a chain did becomes durable together. `whole`: all or nothing instead; if one write loses, none was
    applied (imports and administration; costs a transaction of its own).
    """

    writes: tuple[Write, ...]
    whole: bool = False


def act(*writes: Write) -> Act:
    """A chain of these writes."""
    return Act(writes)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which writes of an act won, in order; those after the first loser were not tried and count as lost.

    When a whole act has a loser, those before it are told as won, so that `lost_at` says which it was; they were
    not applied either.
    """

    won: tuple[bool, ...]

    @property
    def all(self) -> bool:
        """Whether every write won."""
        return all(self.won)

    @property
    def lost_at(self) -> int | None:
        """The index of the write that lost; None when all won."""
        return None if all(self.won) else self.won.index(False)


class Storage(Protocol):
    """One issuer's storage: every read and write is scoped to it, and no call can leave it."""

    @property
    def issuer(self) -> str:
        """The issuer's id."""
        ...

    async def get(self, table: Table[Record], *key: Scalar) -> Record | None:
        """The row with this key, or None.

        Sees every act whose commit was answered, on whatever node; where the table `repeats`, on this one.
        """
        ...

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
        ...

    async def commit(self, act: Act) -> Outcomes:
        """Applies the act; answers when it is durable. Raises `StorageError` when that cannot be known."""
        ...


class Backend(Protocol):
    """A database, with every issuer's rows."""

    def scoped(self, issuer: str) -> Storage:
        """The storage of one issuer."""
        ...

    async def open(self) -> None:
        """Connects. Raises `StorageError` naming what is wrong; one is that the schema is not the newest."""
        ...

    async def close(self) -> None:
        """Finishes what was begun and disconnects."""
        ...

    async def migrate(self) -> list[str]:
        """Brings the schema to the newest version; gives the names of the migrations that ran."""
        ...

    async def pending_migrations(self) -> list[str]:
        """The migrations that `migrate` would run."""
        ...

    async def now(self) -> float:
        """The database's clock, epoch seconds: the clock that all nodes share."""
        ...

    async def problems(self) -> list[str]:
        """What makes this database unfit, in words (not durable, too old …); empty when it is fit."""
        ...

    async def sweep(self, now: int) -> int:
        """Drops rows that expired `tables.KEPT_SECONDS` and more before `now`, every issuer's; gives how many."""
        ...
