"""What somebody may do, scopes aside: her own permissions and those of the roles that she holds.

The one place where roles become permissions: gateway, pages, authorization and second factors ask here. A role is read
when it is asked for, so a changed one holds for the next request; one that is gone gives nothing.
"""

from typing import Protocol

from assent.records.roles import Role
from assent.spec.permissions import Permission
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
    found = [await storage.get(ROLES, name) for name in holder.roles]
    return tuple(role for role in found if role is not None)


async def permissions_of(storage: Storage, holder: Holder) -> tuple[Permission, ...]:
    """All that the holder's definition and roles say, each once, its own first."""
    if not holder.roles:
        return holder.permissions
    given = (permission for role in await roles_of(storage, holder) for permission in role.permissions)
    return tuple(dict.fromkeys((*holder.permissions, *given)))
