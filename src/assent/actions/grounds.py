"""What somebody holds, thing by thing, with the words that an administrator knows it by.

The sum is what `engine.authority` and the record system say; here it is told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.engine.authority import Holder, roles_of
from assent.engine.server import AuthorizationServer
from assent.fhir.people import FhirRecords
from assent.fhir.representation import Representation
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.permissions import Permission, Power, powers

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
    """The names of those permissions that are kept and have no effect here, each once."""
    names = dict.fromkeys(permission.name for permission in permissions if not has_effect(permission))
    return tuple(names)


def has_effect(permission: Permission) -> bool:
    """Whether it gives, or takes, anything at the gateway of this version."""
    return bool(powers((permission,))) or permission.name.startswith("BLOCK_FHIR_READ_")


async def _permitted(server: AuthorizationServer, holder: Holder) -> tuple[Holding, ...]:
    named = [("permission", one) for one in holder.permissions]
    for role in await roles_of(server.storage, holder):
        named += [(f"role {role.name}, permission", one) for one in role.permissions]
    blocked = any(one.name.startswith("BLOCK_FHIR_READ_") for _, one in named)
    found = []
    for words, permission in named:
        given = powers((permission,))
        if blocked:  # as `powers` says of all of them together
            given = tuple(power for power in given if power.verb != "read")
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
