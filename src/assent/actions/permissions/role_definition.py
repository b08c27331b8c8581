"""A role's definition: JSON in, frozen values out, and back again. Owns each field by itself."""

from collections.abc import Mapping
from typing import Any, Final

from assent.actions.definitions import (
    Reader,
    Wrong,
    list_of,
    matching,
    read_fields,
    text,
    without_shown,
    wrong,
)
from assent.actions.permissions.definition import permission_definition, read_permission_definition
from assent.records.roles import Role
from assent.spec.permission_names import PERMISSIONS

_NAME: Final = matching(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", "must have 1 to 100 of A-Z, a-z, 0-9, _, . and -, the first no sign"
)


def read_role_name(value: Any) -> str:
    """A role's name. One that is a permission's would be read as that. Raises `Wrong`."""
    name: str = _NAME(value)
    if name in PERMISSIONS:
        raise wrong("is the name of a permission: choose another")
    return name


def read_role_definition(document: Any) -> dict[str, Any]:
    """The fields that a JSON object names, `null` as the field's default; not what is only shown. Raises `Wrong`."""
    found = read_fields(without_shown(document, ROLE_SHOWN), ROLE_FIELDS)
    if found.get("name", "") is None:
        raise Wrong((".name", "is required"))
    defaults: dict[str, Any] = {"permissions": (), "title": found.get("name")}
    return {name: defaults.get(name) if value is None else value for name, value in found.items()}


def role_definition(role: Role) -> dict[str, Any]:
    """The definition of a role, as JSON: what can be read again."""
    shown: dict[str, Any] = {"name": role.name, "title": role.title}
    if role.description is not None:
        shown["description"] = role.description
    shown["permissions"] = [permission_definition(permission) for permission in role.permissions]
    return shown


ROLE_FIELDS: Final[Mapping[str, Reader]] = {
    "name": read_role_name,
    "title": text(100),
    "description": text(1000),
    "permissions": list_of(read_permission_definition),
}
"""Every field of a definition, in the order in which definitions are written."""

ROLE_SHOWN: Final = ("held_by",)
"""What is shown beside a definition, and is passed over where it is brought back."""
