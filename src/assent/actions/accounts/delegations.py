"""Who may act for whom by word of this installation: added, listed, removed, brought in and taken out.

There is one delegation at most for a person and a patient; adding another replaces it. What is changed holds for the
next request, also of apps that were granted something long ago.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.actions.accounts.delegation_definition import (
    DelegationDefinition,
    delegation_definition,
    read_delegation_definition,
)
from assent.actions.accounts.people import get_person
from assent.actions.accounts.person_definition import read_patient
from assent.actions.changes import Author, Planned, carry_out, changed_at, changed_fields, every
from assent.actions.documents import read_definition
from assent.actions.imports import Imported, Step, import_all
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.delegations import Delegation
from assent.records.people import Person
from assent.storage.interface import Add, Change, Remove, Scalar, Write
from assent.storage.tables import DELEGATIONS, PEOPLE


@dataclass(frozen=True, slots=True)
class NamedDelegation:
    """A delegation, and the user name of who acts (None where the account is gone)."""

    delegation: Delegation
    username: str | None


async def list_delegations(
    server: AuthorizationServer, *, username: str | None = None, patient: str | None = None
) -> tuple[NamedDelegation, ...]:
    """Every delegation, or those of a user or for a patient; ended ones too, until they are swept. Raises `Refused`."""
    where: dict[str, Scalar] = {}
    if username is not None:
        where["person_id"] = (await get_person(server, username)).person_id
    if patient is not None:
        where["patient"] = read_definition(read_patient, patient, "patient").removeprefix("Patient/")
    names: dict[str, str | None] = {}
    found: list[NamedDelegation] = []
    for delegation in await every(server.storage, DELEGATIONS, where):
        if delegation.person_id not in names:
            person = await server.storage.get(PEOPLE, delegation.person_id)
            names[delegation.person_id] = person.username if person is not None else None
        found.append(NamedDelegation(delegation, names[delegation.person_id]))
    return tuple(sorted(found, key=lambda one: (one.username or "", one.delegation.patient)))


async def add_delegation(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> NamedDelegation:
    """Adds the delegation of a definition, or replaces the one for the same two.

    Raises `Refused`, also where it is over already (a file may bring back what was exported).
    """
    definition = read_definition(read_delegation_definition, document)
    if 0 < definition.values.get("expires_at", 0) <= server.now():
        raise Refused(["expires_at: is in the past, so that it would never hold"])
    planned = await _plan(server, definition, {}, Author(actor, caller))
    if planned.step.plan is not None:
        await carry_out(server, [planned.step.plan])
    return planned.delegation


async def remove_delegation(
    server: AuthorizationServer,
    username: str,
    patient: str,
    *,
    actor: str | None,
    caller: Caller | None = None,
) -> NamedDelegation:
    """Ends a delegation at once. Raises `Refused` when there is none."""
    person = await get_person(server, username)
    key = person.person_id, patient.removeprefix("Patient/")
    delegation = await server.storage.get(DELEGATIONS, *key)
    if delegation is None:
        raise Refused([f"there is no delegation of {person.username} for Patient/{key[1][:100]}"])
    event = _event(server, "delegation.removed", delegation, Author(actor, caller))
    plan = Planned(_name(person, delegation.patient), (Remove(DELEGATIONS, key),), event)
    await carry_out(server, [plan])
    return NamedDelegation(delegation, person.username)


async def import_delegations(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Imported:
    """Adds or replaces every delegation of `{"delegations": [ … ]}`, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    author = Author(actor, caller)
    people: dict[str, Person] = {}

    async def plan(item: Any, path: str) -> Step:
        definition = read_definition(read_delegation_definition, item, path)
        return (await _plan(server, definition, people, author, path)).step

    return await import_all(server, document, "delegations", "", plan)


async def export_delegations(server: AuthorizationServer) -> dict[str, Any]:
    """`{"delegations": [ … ]}`, as `import_delegations` reads it; without those whose account is gone."""
    return {
        "delegations": [
            delegation_definition(one.delegation, one.username)
            for one in await list_delegations(server)
            if one.username is not None
        ]
    }


@dataclass(frozen=True, slots=True)
class _Planned:
    """One delegation as it is to be, and what is to be done."""

    step: Step
    delegation: NamedDelegation


async def _plan(
    server: AuthorizationServer,
    definition: DelegationDefinition,
    people: dict[str, Person],
    author: Author,
    path: str = "",
) -> _Planned:
    """`people` are those who are told of delegations by the plans before, by their ids. Raises `Refused`."""
    try:
        person = await get_person(server, definition.username)
    except Refused as error:
        raise Refused([f"{path}.username: {mistake}".lstrip(".") for mistake in error.mistakes]) from error
    if person.fhir_user == f"Patient/{definition.patient}":
        raise Refused([f"{path}.patient: is {person.username} herself".lstrip(".")])
    old = await server.storage.get(DELEGATIONS, person.person_id, definition.patient)
    new = _defined(server, person, definition, old)
    name = _name(person, new.patient)
    if old is not None and not changed_fields(old, new):
        return _Planned(Step(name, "unchanged"), NamedDelegation(old, person.username))
    writes: list[Write] = []
    if not person.has_delegations and person.person_id not in people:
        told = {"has_delegations": True, "updated_at": changed_at(server, person)}
        writes.append(Change(PEOPLE, (person.person_id,), told, {"updated_at": person.updated_at}))
        people[person.person_id] = person
    if old is not None:
        writes.append(Remove(DELEGATIONS, (old.person_id, old.patient)))
    writes.append(Add(DELEGATIONS, new))
    event = _event(server, "delegation.added" if old is None else "delegation.edited", new, author)
    step = Step(name, "added" if old is None else "replaced", Planned(name, tuple(writes), event))
    return _Planned(step, NamedDelegation(new, person.username))


def _defined(
    server: AuthorizationServer, person: Person, definition: DelegationDefinition, old: Delegation | None
) -> Delegation:
    now = server.now()
    values: Mapping[str, Any] = definition.values
    return Delegation(
        person.person_id,
        definition.patient,
        **values,
        created_at=old.created_at if old else now,
        updated_at=changed_at(server, old) if old else now,
    )


def _name(person: Person, patient: str) -> str:
    return f"{person.username} for Patient/{patient}"


def _event(server: AuthorizationServer, type_: str, delegation: Delegation, author: Author) -> AuditEvent:
    said = {
        "patient": delegation.patient,
        "relationship": delegation.relationship,
        "access": delegation.access,
        "expires_at": delegation.expires_at,
    }
    return audit_event(
        server,
        type_,
        person_id=delegation.person_id,
        actor=author.actor,
        caller=author.caller,
        detail=said,
    )
