"""Changes with their audit rows, committed all or nothing.

What was read before must still be so when it is replaced: `updated_at` grows with every change and is the condition,
so that of two administrators at once the second is told, and overwrites nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from assent.actions.refusals import Refused
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.storage.interface import Act, Add, Change, Put, Scalar, Storage, Table, Unstorable, Write
from assent.storage.tables import AUDIT

Record = TypeVar("Record")
_PAGE = 1000


class Versioned(Protocol):
    """A record that tells when it was last changed."""

    @property
    def updated_at(self) -> int:
        """Epoch seconds; greater at each change."""
        ...


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, as the audit log keeps it: a name, and where the request came from."""

    actor: str | None
    caller: Caller | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """Writes with the row that audits them. `name` is what is told when they cannot be made any more."""

    name: str
    writes: tuple[Write, ...]
    event: AuditEvent


async def carry_out(server: AuthorizationServer, plans: Sequence[Planned]) -> None:
    """Commits all of them or none. Raises `Refused` when somebody else changed one of them meanwhile."""
    writes = [(plan, write) for plan in plans for write in (*plan.writes, Add(AUDIT, plan.event))]
    try:
        outcomes = await server.storage.commit(Act(tuple(write for _, write in writes), whole=True))
    except Unstorable as error:
        raise Refused([str(error)]) from error
    if outcomes.lost_at is not None:
        plan = writes[outcomes.lost_at][0]
        raise Refused([f"{plan.name}: somebody else changed it meanwhile: look at it and try again"])
    for plan in plans:
        server.observe(plan.event)


def replacing(table: Table[Any], old: Versioned, new: Versioned) -> tuple[Write, ...]:
    """The writes that put `new` in the place of `old`, if `old` is still what is stored."""
    return Change(table, table.key_of(new), {}, {"updated_at": old.updated_at}), Put(table, new)


def changed_at(server: AuthorizationServer, old: Versioned) -> int:
    """The `updated_at` of what takes the place of `old`."""
    return max(server.now(), old.updated_at + 1)


def changed_fields(old: Any, new: Any, derived: Collection[str] = ()) -> list[str]:
    """The fields in which two records differ, but for when they were made and changed, and what is `derived`."""
    left_out = {"created_at", "updated_at", *derived}
    names = (one.name for one in fields(new) if one.name not in left_out)
    return [name for name in names if getattr(old, name) != getattr(new, name)]


async def every(
    storage: Storage, table: Table[Record], where: dict[str, Scalar] | None = None
) -> list[Record]:
    """All rows that equal `where`, page by page."""
    rows: list[Record] = []
    while True:
        after = table.key_of(rows[-1]) if rows else None
        page = await storage.find(table, where, after=after, limit=_PAGE)
        rows += page
        if len(page) < _PAGE:
            return rows
