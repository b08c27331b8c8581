"""What somebody may do, scopes aside: her own permissions and those of the roles that she holds; and for whom she acts.

The one place where roles become permissions: gateway, pages, authorization and second factors ask here. A role is read
when it is asked for, so a changed one holds for the next request; one that is gone gives nothing.
"""

from typing import Protocol

from assent.engine.server import AuthorizationServer
from assent.records.people import Person
from assent.records.roles import Role
from assent.spec.permissions import Permission, Power, powers
from assent.storage.interface import Storage
from assent.storage.tables import ROLES


class Holder(Protocol):
    """A person, or a client on its own."""

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Those of its own definition."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of the roles that it holds."""
        ...


async def roles_of(storage: Storage, holder: Holder) -> tuple[Role, ...]:
    """The roles that the holder's definition names and that there are, in its order."""
    found: list[Role] = []
    for name in holder.roles:
        role = await storage.get(ROLES, name)
        if role is not None:
            found.append(role)
    return tuple(found)


async def permissions_of(storage: Storage, holder: Holder) -> tuple[Permission, ...]:
    """All that the holder's definition and roles say, each once, its own first."""
    if not holder.roles:
        return holder.permissions
    given = (permission for role in await roles_of(storage, holder) for permission in role.permissions)
    return tuple(dict.fromkeys((*holder.permissions, *given)))


async def is_delegate(server: AuthorizationServer, person: Person, patient: str) -> bool:
    """Whether she reads this patient's record (a bare id) because she acts for her, and for no other reason.

    A clinician is none, also where she represents the patient besides. Raises `RecordSystemDown`.
    """
    if patient not in await server.records.acts_for(person):
        return False
    held = powers(await permissions_of(server.storage, person))
    return not any(reads_patient(power, patient) for power in held)


def reads_patient(power: Power, patient: str) -> bool:
    """Whether a power reads the patient of this bare id."""
    reference = f"Patient/{patient}"
    return (
        power.verb == "read"
        and power.resource_type in ("*", "Patient")
        and power.within in (None, reference)
        and power.instance in (None, reference)
    )
