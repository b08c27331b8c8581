"""Roles: added, shown, edited, removed, brought in and taken out; and whether the roles that a definition names exist.

What is changed holds for the next request of everybody who holds the role. One that somebody holds is not removed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from assent.actions.changes import Author, Planned, carry_out, changed_at, changed_fields, every, replacing
from assent.actions.definitions import Wrong, nearest, refused
from assent.actions.documents import read_definition
from assent.actions.imports import Imported, Step, import_all
from assent.actions.permissions.role_definition import read_role_definition, role_definition
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.roles import Role
from assent.storage.interface import Add, Remove
from assent.storage.tables import CLIENTS, PEOPLE, ROLES

_T = TypeVar("_T")
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """Who holds a role: user names and client_ids."""

    users: tuple[str, ...]
    clients: tuple[str, ...]


async def get_role(server: AuthorizationServer, name: str) -> Role:
    """The role. Raises `Refused` when there is none, with the nearest name."""
    role = await server.storage.get(ROLES, name)
    if role is None:
        known = [one.name for one in await list_roles(server)]
        raise Refused([f"there is no role {name[:200]!r}{nearest(name, known)}"])
    return role


async def list_roles(server: AuthorizationServer) -> tuple[Role, ...]:
    """Every role, by name."""
    return tuple(await every(server.storage, ROLES))


async def find_holders(server: AuthorizationServer, name: str) -> RoleHolders:
    """Everybody who holds the role, switched off or not."""
    people = await every(server.storage, PEOPLE)
    clients = await every(server.storage, CLIENTS)
    return RoleHolders(
        tuple(sorted(person.username for person in people if name in person.roles)),
        tuple(client.client_id for client in clients if name in client.roles),
    )


async def check_roles(server: AuthorizationServer, names: Iterable[str], path: str = "") -> None:
    """Raises `Refused` for each of these names that is no role, with the nearest one."""
    mistakes: list[str] = []
    for index, name in enumerate(names):
        if await server.storage.get(ROLES, name) is None:
            known = [one.name for one in await list_roles(server)]
            place = f"{path}.roles[{index}]".lstrip(".")
            mistakes.append(f"{place}: there is no role {name[:200]!r}{nearest(name, known)}")
    if mistakes:
        raise Refused(mistakes)


async def role_mistakes(server: AuthorizationServer, document: Any) -> list[str]:
    """Which roles a definition names that there are not, also where the rest of it cannot be read."""
    named = document.get("roles") if isinstance(document, dict) else None
    if not isinstance(named, list | tuple) or not all(isinstance(one, str) for one in named):
        return []
    try:
        await check_roles(server, named)
    except Refused as error:
        return list(error.mistakes)
    return []


async def read_with_roles(server: AuthorizationServer, read: Callable[[Any], _T], document: Any) -> _T:
    """What `read` makes of a definition whose roles there are. Raises `Refused` with all that is wrong."""
    mistakes = await role_mistakes(server, document)
    try:
        definition = read_definition(read, document)
    except Refused as error:
        raise Refused([*error.mistakes, *mistakes]) from error
    if mistakes:
        raise Refused(mistakes)
    return definition


async def add_role(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Role:
    """Adds the role of a definition. Raises `Refused`."""
    role = _defined(read_definition(read_role_definition, document), server.now())
    if await server.storage.get(ROLES, role.name) is not None:
        raise Refused([f"name: there is a role {role.name} already"])
    await carry_out(server, [_adding(server, role, Author(actor, caller))])
    return role


async def edit_role(
    server: AuthorizationServer, name: str, changes: Any, *, actor: str | None, caller: Caller | None = None
) -> Role:
    """Changes the fields that `changes` names; `null` gives a field its default back. Raises `Refused`."""
    old = await get_role(server, name)
    values = read_definition(read_role_definition, changes)
    if values.pop("name", name) != name:
        raise Refused(["name: cannot be changed; add a new role and remove this one"])
    if values.get("title", "") is None:
        values["title"] = name
    new = replace(old, **values, updated_at=changed_at(server, old))
    if not changed_fields(old, new):
        return old
    await carry_out(server, [_editing(server, old, new, Author(actor, caller))])
    return new


async def remove_role(
    server: AuthorizationServer, name: str, *, actor: str | None, caller: Caller | None = None
) -> Role:
    """Removes a role that nobody holds. Raises `Refused`, naming who does."""
    role = await get_role(server, name)
    holders = await find_holders(server, name)
    named = [f"user {one}" for one in holders.users] + [f"client {one}" for one in holders.clients]
    if named:
        further = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        raise Refused(
            [f"{name} is held by {', '.join(named[:_MOST_NAMED])}{further}: take it from them first"]
        )
    event = _event(server, "role.removed", name, Author(actor, caller))
    await carry_out(server, [Planned(name, (Remove(ROLES, (name,)),), event)])
    return role


async def import_roles(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Imported:
    """Adds or replaces every role of `{"roles": [ … ]}` by its name, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    author = Author(actor, caller)

    async def plan(item: Any, path: str) -> Step:
        new = _defined(read_definition(read_role_definition, item, path), server.now(), path)
        old = await server.storage.get(ROLES, new.name)
        if old is None:
            return Step(new.name, "added", _adding(server, new, author))
        new = replace(new, created_at=old.created_at, updated_at=changed_at(server, old))
        if not changed_fields(old, new):
            return Step(new.name, "unchanged")
        return Step(new.name, "replaced", _editing(server, old, new, author))

    return await import_all(server, document, "roles", "name", plan)


async def export_roles(server: AuthorizationServer) -> dict[str, Any]:
    """`{"roles": [ … ]}`, as `import_roles` reads it."""
    return {"roles": [role_definition(role) for role in await list_roles(server)]}


def _defined(values: dict[str, Any], now: int, path: str = "") -> Role:
    name = values.get("name")
    if name is None:
        raise Refused(refused(path, Wrong((".name", "is required"))))
    return Role(**{"title": name, **values}, created_at=now, updated_at=now)


def _adding(server: AuthorizationServer, role: Role, author: Author) -> Planned:
    return Planned(role.name, (Add(ROLES, role),), _event(server, "role.added", role.name, author))


def _editing(server: AuthorizationServer, old: Role, new: Role, author: Author) -> Planned:
    event = _event(server, "role.edited", new.name, author, fields=changed_fields(old, new))
    return Planned(new.name, replacing(ROLES, old, new), event)


def _event(
    server: AuthorizationServer, type_: str, name: str, author: Author, **detail: list[str]
) -> AuditEvent:
    said = {"role": name, **detail}
    return audit_event(server, type_, actor=author.actor, caller=author.caller, detail=said)
