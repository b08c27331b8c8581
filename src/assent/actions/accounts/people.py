"""People who can sign in: added, brought in, listed, edited, switched off and on.

Whoever is switched off, or gets another password, is signed out at once; switching off also ends what she granted.
A password that a definition leaves out is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from assent.actions.accounts.endings import ending_all, ending_sessions
from assent.actions.accounts.password_codes import closing_codes
from assent.actions.accounts.person_definition import (
    PERSON_FIELDS,
    PersonDefinition,
    person_definition,
    read_person_definition,
)
from assent.actions.changes import Author, Planned, carry_out, changed_at, changed_fields, every, replacing
from assent.actions.definitions import nearest, refused, wrong
from assent.actions.documents import read_definition, read_items
from assent.actions.imports import Imported, Kind, imported
from assent.actions.permissions.roles import check_roles, read_with_roles, role_mistakes
from assent.actions.refusals import Refused
from assent.engine.events import audit_event, record
from assent.engine.handles import new_id
from assent.engine.people import find_person_by_name, name_key
from assent.engine.second_factors import forgetting_browsers
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.people import Person, PersonName
from assent.storage.interface import Add, Write
from assent.storage.tables import NAMES, PEOPLE


@dataclass(frozen=True, slots=True)
class ImportedPeople(Imported):
    """What an import did, by user name. `without_password` are those that cannot sign in with one."""

    without_password: tuple[str, ...]


async def get_person(server: AuthorizationServer, username: str) -> Person:
    """The person with this user name. Raises `Refused` when there is none."""
    person = await find_person_by_name(server, username)
    if person is None:
        known = [one.username for one in await server.storage.find(PEOPLE)]
        raise Refused([f"there is no user {username[:200]!r}{nearest(username, known)}"])
    return person


async def list_people(server: AuthorizationServer) -> tuple[Person, ...]:
    """Everybody, by user name."""
    return tuple(sorted(await every(server.storage, PEOPLE), key=lambda person: person.name_key))


async def add_person(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Person:
    """Adds the person of a definition. Raises `Refused`."""
    definition = await check_new_person(server, document)
    person = await _defined(server, definition, None)
    await carry_out(server, [_adding(server, person, Author(actor, caller))])
    return person


async def check_new_person(server: AuthorizationServer, document: Any) -> PersonDefinition:
    """The definition of somebody who can be added. Raises `Refused` with all that is wrong."""
    mistakes: list[str] = []
    name = document.get("username") if isinstance(document, dict) else None
    if isinstance(name, str) and await find_person_by_name(server, name) is not None:
        mistakes.append(f"username: there is a user {name[:200]} already")
    mistakes += await role_mistakes(server, document)
    try:
        definition = read_definition(read_person_definition, document)
    except Refused as error:
        raise Refused([*error.mistakes, *mistakes]) from error
    if mistakes:
        raise Refused(mistakes)
    return definition


async def edit_person(
    server: AuthorizationServer,
    username: str,
    changes: Any,
    *,
    actor: str | None,
    caller: Caller | None = None,
) -> Person:
    """Changes the fields that `changes` names; `null` gives a field its default back. Raises `Refused`.

    The user name stays, and so does the password (`passwords.set_password`).
    """
    old = await get_person(server, username)
    if not isinstance(changes, dict):
        raise Refused(refused("", wrong("must be an object")))
    kept = [name for name in ("username", "password", "password_hash") if name in changes]
    if kept:
        raise Refused([f"{name}: cannot be edited" for name in kept])
    unknown = [name for name, value in changes.items() if value is None and name not in PERSON_FIELDS]
    if unknown:
        raise Refused([f"{name}: unknown field{nearest(name, PERSON_FIELDS)}" for name in unknown])
    wanted = {**person_definition(old), **changes}
    named = {name: value for name, value in wanted.items() if value is not None}
    named.setdefault("must_change_password", False)
    definition = await read_with_roles(server, read_person_definition, named)
    new = await _defined(server, definition, old)
    if new.must_change_password and new.password_hash is None:
        raise Refused([f"must_change_password: {new.username} has no password here"])
    if not _changed_fields(old, new):
        return old
    await carry_out(server, [_replacing(server, old, new, Author(actor, caller))])
    return new


async def import_people(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> ImportedPeople:
    """Adds or replaces every person of `{"users": [ … ]}` by user name, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    definitions = _read_all(server, read_items(document, "users"))
    await _check_all_roles(server, definitions.values())
    author = Author(actor, caller)
    plans: list[Planned] = []
    kinds: dict[str, Kind] = {}
    without_password: list[str] = []
    for definition in definitions.values():
        old = await find_person_by_name(server, definition.username)
        new = await _defined(server, definition, old)
        if old is None:
            plans.append(_adding(server, new, author))
            kinds[new.username] = "added"
        elif _changed_fields(old, new):
            plans.append(_replacing(server, old, new, author))
            kinds[new.username] = "replaced"
        else:
            kinds[new.username] = "unchanged"
        if new.password_hash is None:
            without_password.append(new.username)
    if plans:
        await carry_out(server, plans)
    done = imported(kinds)
    return ImportedPeople(done.added, done.replaced, done.unchanged, tuple(without_password))


async def export_people(server: AuthorizationServer) -> dict[str, Any]:
    """`{"users": [ … ]}`, as `import_people` reads it. Passwords are not in it."""
    return {"users": [person_definition(person) for person in await list_people(server)]}


async def export_people_with_hashes(
    server: AuthorizationServer, *, actor: str | None, caller: Caller | None = None
) -> dict[str, Any]:
    """The same with the hashes of passwords, at which whoever has them can guess: written down before they are out."""
    people = await list_people(server)
    held = {one.person_id: {"password_hash": one.password_hash} for one in people if one.password_hash}
    event = audit_event(
        server, "password.hashes_exported", actor=actor, caller=caller, detail={"users": len(held)}
    )
    await record(server, event)
    return {"users": [{**person_definition(one), **held.get(one.person_id, {})} for one in people]}


async def disable_person(
    server: AuthorizationServer, username: str, *, actor: str | None, caller: Caller | None = None
) -> Person:
    """Switches a person's account off, and ends her sessions and all that she granted, at once."""
    old = await get_person(server, username)
    if not old.enabled:
        return old
    new = replace(old, enabled=False, updated_at=changed_at(server, old))
    writes = (*replacing(PEOPLE, old, new), *_endings(server, old, new))
    event = _event(server, "user.disabled", new, Author(actor, caller))
    await carry_out(server, [Planned(old.username, writes, event)])
    return new


async def enable_person(
    server: AuthorizationServer, username: str, *, actor: str | None, caller: Caller | None = None
) -> Person:
    """Switches a person's account on again; what was ended stays ended."""
    old = await get_person(server, username)
    if old.enabled:
        return old
    new = replace(old, enabled=True, updated_at=changed_at(server, old))
    event = _event(server, "user.enabled", new, Author(actor, caller))
    await carry_out(server, [Planned(old.username, replacing(PEOPLE, old, new), event)])
    return new


def _read_all(server: AuthorizationServer, items: list[Any]) -> dict[str, PersonDefinition]:
    """Definitions by the key of their user names, each of which must be named once. Raises `Refused`."""
    definitions: dict[str, PersonDefinition] = {}
    paths: dict[str, str] = {}
    mistakes: list[str] = []
    for index, item in enumerate(items):
        path = f"users[{index}]"
        try:
            definition = read_definition(read_person_definition, item, path)
        except Refused as error:
            mistakes += error.mistakes
            continue
        key = name_key(server.settings, definition.username)
        if key in definitions:
            mistakes.append(f"{path}.username: {definition.username} stands at {paths[key]} already")
        definitions[key], paths[key] = definition, path
    if mistakes:
        raise Refused(mistakes)
    return definitions


async def _check_all_roles(server: AuthorizationServer, definitions: Iterable[PersonDefinition]) -> None:
    mistakes: list[str] = []
    for index, definition in enumerate(definitions):
        try:
            await check_roles(server, definition.values.get("roles", ()), f"users[{index}]")
        except Refused as error:
            mistakes += error.mistakes
    if mistakes:
        raise Refused(mistakes)


async def _defined(server: AuthorizationServer, definition: PersonDefinition, old: Person | None) -> Person:
    """A person as her definition says, every other field at its default; who she is and her password are kept."""
    key = name_key(server.settings, definition.username)
    password_hash = await _password_hash(server, definition, old.password_hash if old else None)
    if old is None:
        now = server.now()
        person_id = new_id(server, "u")
        return Person(
            person_id=person_id,
            name_key=key,
            password_hash=password_hash,
            created_at=now,
            updated_at=now,
            **definition.values,
        )
    values = dict(definition.values)
    if password_hash == old.password_hash:  # that it has to be changed is kept with it
        values.setdefault("must_change_password", old.must_change_password)
    return Person(
        person_id=old.person_id,
        name_key=old.name_key,
        password_hash=password_hash,
        has_delegations=old.has_delegations,
        has_factors=old.has_factors,
        created_at=old.created_at,
        updated_at=changed_at(server, old),
        **values,
    )


async def _password_hash(
    server: AuthorizationServer, definition: PersonDefinition, kept: str | None
) -> str | None:
    if definition.password_hash is not None:
        return definition.password_hash
    if definition.password is None:
        return kept
    if kept is not None and await server.passwords.verify(kept, definition.password):
        return kept
    return await server.passwords.hash(definition.password)


def _adding(server: AuthorizationServer, person: Person, author: Author) -> Planned:
    writes = (Add(NAMES, PersonName(person.name_key, person.person_id)), Add(PEOPLE, person))
    return Planned(person.username, writes, _event(server, "user.added", person, author))


def _replacing(server: AuthorizationServer, old: Person, new: Person, author: Author) -> Planned:
    writes = (*replacing(PEOPLE, old, new), *_endings(server, old, new))
    event = _event(server, "user.edited", new, author, fields=_changed_fields(old, new))
    return Planned(new.username, writes, event)


def _endings(server: AuthorizationServer, old: Person, new: Person) -> tuple[Write, ...]:
    """What ends with a change: with the account everything, with another password the sessions, and that browsers are
    not asked for a second factor.

    What was mailed ends with each, and with another mail address.
    """
    if not new.enabled:
        return ending_all(server, new.person_id, "the person's account was disabled")
    writes: list[Write] = []
    if (new.password_hash, new.email_key) != (old.password_hash, old.email_key):
        writes.append(closing_codes(server, new.person_id))
    if new.password_hash != old.password_hash:
        writes += (ending_sessions(server, new.person_id), forgetting_browsers(new.person_id))
    return tuple(writes)


def _event(
    server: AuthorizationServer, type_: str, person: Person, author: Author, **detail: list[str]
) -> AuditEvent:
    return audit_event(
        server, type_, person_id=person.person_id, actor=author.actor, caller=author.caller, detail=detail
    )


def _changed_fields(old: Person, new: Person) -> list[str]:
    return changed_fields(old, new, derived=("email_key",))
