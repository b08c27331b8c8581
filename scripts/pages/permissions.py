"""`docs/reference/permissions.md`: every permission that a definition may name, and what it does here."""

from assent.spec.operation_permissions import CALLS, EXPUNGES, EXTENDED
from assent.spec.permission_names import ARGUMENT_FORMS, PERMISSIONS, Effect, PermissionKind
from assent.spec.permissions import Permission, has_effect, is_idle, read_permission

INTRODUCTION = """\
# Permissions

Generated from the code by `make docs`. [Permissions and roles](../how-to/permissions-and-roles.md) says how people and
apps come by them.

What somebody may do is never more than scope and permission together: a permission without a scope gives nothing, nor
does a scope without a permission. The names are those that Smile CDR's definitions use. "Kept": a definition may hold
the name, it is shown and exported, and it lets nobody do anything here. A compartment that is not a patient's
(`Encounter/…`, `Practitioner/…`) gives nothing either.
"""

_TITLES: dict[Effect, str] = {
    "fhir_data": "FHIR data",
    "role": "Roles",
    "fhir_operation": "FHIR operations",
    "none": "Others",
}
_NOTES: dict[Effect, str] = {
    "fhir_data": "",
    "role": "",
    "fhir_operation": (
        "Each opens what it names, and reads or writes nothing by itself: what a call can touch has to be within\n"
        "scope and permission besides ([how that is decided](../concepts/enforcement.md#operations-batches-patches)).\n"
    ),
    "none": "They speak of parts that this server does not have. They are kept.\n",
}
_EXAMPLES = {
    "none": None,
    "type": "Observation",
    "instance": "Patient/123",
    "compartment": "Patient/123",
    "type in compartment": "Observation:Patient/123",
    "operation": "$everything",
    "partitions": "north,south",
    "text": "text",
}
_MEANINGS = {
    "FHIR_AUTO_MDM": "opens the operations whose names begin with `$auto-mdm`",
    "FHIR_ACCESS_PARTITION_ALL": "asks in all partitions of a FHIR server that has them (`fhir.partition_header`)",
    "FHIR_ACCESS_PARTITION_NAME": "asks in the partitions named, where the FHIR server has partitions",
    "FHIR_LIVEBUNDLE": "opens the operations whose names begin with `$livebundle`",
    "FHIR_CAPABILITIES": "opens `metadata`, which is open to everybody without it too",
    "ROLE_FHIR_CLIENT_SUPERUSER": "reads, writes and deletes everything; opens all operations, batches and patches",
    "ROLE_FHIR_CLIENT_SUPERUSER_RO": "reads everything; opens the operations that only read (no bulk export)",
    "ROLE_FHIR_TERMINOLOGY_READ_CLIENT": "reads CodeSystem, ValueSet and ConceptMap; opens their operations",
    "FHIR_READ_SEARCH_PARAMETERS": "reads SearchParameter",
    "FHIR_MODIFY_SEARCH_PARAMETERS": "writes and deletes SearchParameter",
    "BLOCK_FHIR_READ_UNLESS_CODE_IN_VS": "its holder reads nothing: no value set is asked here",
    "BLOCK_FHIR_READ_UNLESS_CODE_NOT_IN_VS": "its holder reads nothing: no value set is asked here",
}


def render() -> str:
    """The page: a table for each kind."""
    return INTRODUCTION + "".join(_section(effect, title) for effect, title in _TITLES.items())


def _section(effect: Effect, title: str) -> str:
    kinds = [kind for kind in PERMISSIONS.values() if kind.effect == effect]
    lines = ["", f"## {title}", "", *([_NOTES[effect]] if _NOTES[effect] else [])]
    lines += ["| name | argument | here |", "| --- | --- | --- |"]
    lines += [f"| `{kind.name}` | {ARGUMENT_FORMS[kind.argument]} | {_meaning(kind)} |" for kind in kinds]
    return "\n".join([*lines, ""])


def _meaning(kind: PermissionKind) -> str:
    permission = read_permission(kind.name, _EXAMPLES[kind.argument])
    if is_idle(permission):
        return "kept"
    if not has_effect(permission):
        return "gives nothing in FHIR"
    return _MEANINGS.get(kind.name) or _calls(permission) or _data(permission)


def _calls(permission: Permission) -> str:
    """What a permission of an operation opens, as it is written in a URL: `Patient/…/$everything`."""
    if permission.name in EXTENDED:
        where = {"server": "at the server", "type": "at a type", "instance": "at a resource"}
        return f"opens the operation {where[EXTENDED[permission.name]]}"
    opened: dict[str, list[str]] = {}
    for resource_type, call in CALLS.get(permission.name, ()):
        place = {"server": "", "type": "{}/", "instance": "{}/…/"}[call.level].format(resource_type)
        opened.setdefault(call.name, []).append(place)
    if not opened:
        return ""
    return "opens " + ", ".join(
        _place(name, place) for name, places in opened.items() for place in _few(places)
    )


def _few(places: list[str]) -> list[str]:
    """The places of a call; one that has all of them is named without."""
    return [""] if {"", "*/", "*/…/"} <= set(places) else places


def _place(name: str, place: str) -> str:
    if name in EXPUNGES.values():
        return f"`{place}$expunge` with `{next(one for one, call in EXPUNGES.items() if call == name)}`"
    return f"`{place}{name}`" if name.startswith("$") else f"a {name}"


def _data(permission: Permission) -> str:
    """What the name of a data permission says: `FHIR_<verb>_<what>`, or `FHIR_ALL_<verb>`."""
    words = permission.name.lower().split("_")
    verb = next(word for word in words if word in ("read", "write", "delete"))
    reach = {
        (False, False, False): "everything",
        (True, False, False): "everything of the type",
        (False, True, False): "the resource",
        (False, False, True): "what lies in the compartment",
        (True, False, True): "what of the type lies in the compartment",
    }[("type" in words, "instance" in words, "compartment" in words)]
    return f"{verb}s {reach}"
