"""A role: permissions under a name, for many people and apps to hold."""

from dataclasses import dataclass

from assent.spec.permissions import Permission


@dataclass(frozen=True, slots=True)
class Role:
    """`name` is what people, apps and rules refer to, for ever the same. Who holds a role is said by the holders."""

    name: str
    title: str
    description: str | None = None
    permissions: tuple[Permission, ...] = ()
    created_at: int = 0
    updated_at: int = 0
