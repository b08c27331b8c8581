"""A permission in the definitions of apps, people and roles: JSON in, a frozen value out, and back again."""

from typing import Any

from assent.actions.definitions import Wrong, read_fields, text
from assent.spec.permission_names import PERMISSIONS
from assent.spec.permissions import BadPermission, Permission, read_permission


def permission_definition(permission: Permission) -> dict[str, str]:
    """A permission as it stands in a definition."""
    argument = {} if permission.argument is None else {"argument": permission.argument}
    return {"permission": permission.name, **argument}


def read_permission_definition(value: Any) -> Permission:
    """The permission in `{"permission", "argument"?}`. Raises `Wrong`."""
    found = read_fields(value, {"permission": text(), "argument": text()}, required=("permission",))
    try:
        return read_permission(found["permission"], found.get("argument"))
    except BadPermission as error:
        at_fault = ".argument" if found["permission"] in PERMISSIONS else ".permission"
        raise Wrong((at_fault, str(error))) from error
