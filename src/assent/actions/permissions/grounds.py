"""What somebody holds, thing by thing, with the words that an administrator knows it by.

The sum is what `engine.authority` and the record system say; here it is told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.actions.changes import every
from assent.engine.authority import Holder, roles_of
from assent.engine.server import AuthorizationServer
from assent.fhir.people import FhirRecords
from assent.fhir.representation import Representation
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.permission_names import PERMISSIONS
from assent.spec.permissions import Permission, Power, is_idle, powers
from assent.storage.interface import Storage
from assent.storage.tables import PEOPLE, ROLES

_SOURCES = {
    "fhir": "by the FHIR server",
    "delegation": "by delegation",
    "definition": "by `represents` of the definition",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing held: what it is, and the powers that it gives, maybe none."""

    words: str
    powers: tuple[Power, ...]


async def holdings_of_client(server: AuthorizationServer, client: Client) -> tuple[Holding, ...]:
    """What a client on its own holds: its permissions and those of its roles."""
    return await _permitted(server, client)


async def holdings_of_person(
    server: AuthorizationServer, records: FhirRecords, person: Person
) -> tuple[Holding, ...]:
    """What a person holds: her own record, those of whom she represents, permissions, roles' permissions.

    Raises `RecordSystemDown`.
    """
    represented = [Holding(_words(one), one.powers) for one in await records.represented(person)]
    return (*represented, *await _permitted(server, person))


def without_effect(permissions: Iterable[Permission]) -> tuple[str, ...]:
    """Those permissions that are kept and have no effect here, each once: the name, and the compartment that is why."""
    return tuple(dict.fromkeys(_shown(permission) for permission in permissions if is_idle(permission)))


def _shown(permission: Permission) -> str:
    is_compartment = "compartment" in PERMISSIONS[permission.name].argument
    return f"{permission.name}:{permission.argument}" if is_compartment else permission.name


async def role_warnings(storage: Storage) -> list[str]:
    """What is allowed in an issuer's roles, and probably not meant: what has no effect, and names that are no role."""
    roles = {role.name: role for role in await every(storage, ROLES)}
    warnings = [
        f"role {role.name}: has permissions that have no effect here: {', '.join(idle)}"
        for role in roles.values()
        if (idle := without_effect(role.permissions))
    ]
    unknown: dict[str, int] = {}
    for person in await every(storage, PEOPLE):
        for name in person.roles:
            if name not in roles:
                unknown[name] = unknown.get(name, 0) + 1
    return warnings + [
        f"role {name}: there is none, and {count} {'person holds' if count == 1 else 'people hold'} it"
        for name, count in sorted(unknown.items())
    ]


async def _permitted(server: AuthorizationServer, holder: Holder) -> tuple[Holding, ...]:
    named = [("permission", one) for one in holder.permissions]
    for role in await roles_of(server.storage, holder):
        named += [(f"role {role.name}, permission", one) for one in role.permissions]
    left = powers(permission for _, permission in named)  # all together: one may take away what others give
    found = []
    for words, permission in named:
        given = tuple(power for power in powers((permission,)) if power in left)
        argument = f" {permission.argument}" if permission.argument else ""
        found.append(Holding(f"{words} {permission.name}{argument}", given))
    return tuple(found)


def _words(one: Representation) -> str:
    if one.relation == "you":
        return f"own record Patient/{one.patient}"
    limits = []
    if one.types is not None:
        limits.append(f"as an adolescent's: only {', '.join(one.types)}")
    elif not one.may_write:
        limits.append("to read")
    limited = f" ({'; '.join(limits)})" if limits else ""
    return f"acts for Patient/{one.patient} {_SOURCES[one.source]}{limited}"
