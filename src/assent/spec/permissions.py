"""What a person or a client may do, apart from any scope: rights = scope ∩ permission.

Owns reading permissions of definitions and turning them into FHIR powers. Whether a power reaches a resource
is decided in `assent.spec.fhir`; whom a person represents is the engine's to say.

A permission of an operation is a power too, of the verb `call`: it says that the operation may be asked for, while
what it may read or write follows from the other powers (`assent.spec.fhir.calls`).

Decisions: `…_TYPE_IN_COMPARTMENT` is written `Observation:Patient/123`. A `BLOCK_FHIR_READ_…` permission
takes away what only a value set can tell; as none is asked here, its holder reads nothing at all. Reading
never follows from writing, nor deleting from writing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from assent.spec.identifiers import Reference, is_fhir_id, read_reference
from assent.spec.operation_permissions import (
    CALLS,
    EXTENDED,
    Call,
    calls_of_argument,
    terminology_calls,
)
from assent.spec.permission_names import ARGUMENT_FORMS, PERMISSIONS, PermissionKind
from assent.spec.resource_types import RESOURCE_TYPES, nearest_type

Verb = Literal["read", "write", "delete", "call", "partition"]

COMPARTMENTS: Final = frozenset({"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"})
"""The types that have a compartment in FHIR R4."""

ANY_PARTITION: Final = "*"
_PARTITION: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_OPERATION: Final = re.compile(r"\$[A-Za-z][A-Za-z0-9-]*")
_PRINTABLE_MOST: Final = 1000

_VERBS: Final[dict[str, tuple[Verb, ...]]] = {
    "ROLE_FHIR_CLIENT_SUPERUSER": ("read", "write", "delete"),
    "ROLE_FHIR_CLIENT_SUPERUSER_RO": ("read",),
    "FHIR_ALL_READ": ("read",),
    "FHIR_ALL_WRITE": ("write",),
    "FHIR_ALL_DELETE": ("delete",),
    "FHIR_READ_ALL_OF_TYPE": ("read",),
    "FHIR_WRITE_ALL_OF_TYPE": ("write",),
    "FHIR_DELETE_ALL_OF_TYPE": ("delete",),
    "FHIR_READ_INSTANCE": ("read",),
    "FHIR_WRITE_INSTANCE": ("write",),
    "FHIR_READ_ALL_IN_COMPARTMENT": ("read",),
    "FHIR_WRITE_ALL_IN_COMPARTMENT": ("write",),
    "FHIR_DELETE_ALL_IN_COMPARTMENT": ("delete",),
    "FHIR_READ_TYPE_IN_COMPARTMENT": ("read",),
    "FHIR_WRITE_TYPE_IN_COMPARTMENT": ("write",),
    "FHIR_DELETE_TYPE_IN_COMPARTMENT": ("delete",),
}


_TERMINOLOGY_ROLE: Final = "ROLE_FHIR_TERMINOLOGY_READ_CLIENT"
_TERMINOLOGY: Final = ("CodeSystem", "ValueSet", "ConceptMap")
"""What that role reads."""

_SEARCH_PARAMETERS: Final[dict[str, tuple[Verb, ...]]] = {
    "FHIR_READ_SEARCH_PARAMETERS": ("read",),
    "FHIR_MODIFY_SEARCH_PARAMETERS": ("write", "delete"),
}

_BLOCKS: Final = "BLOCK_FHIR_READ_"


class BadPermission(ValueError):
    """A permission whose name is unknown or whose argument does not fit: the rule, and the nearest name."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission as it stands in a definition. Made by `read_permission`."""

    name: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """What one may do: `verb` to resources of `resource_type` (`*`: all), where the other two allow.

    `within` is the compartment, as `Patient/123`, that the resource must belong to; `instance` the one
    resource, as `Type/id`. None: no such limit. `call`, with the verb of that name alone: what may be called;
    `partition`, likewise: which of the FHIR server's may be asked.
    """

    verb: Verb
    resource_type: str
    within: str | None = None
    instance: str | None = None
    call: Call | None = None
    partition: str | None = None


_EVERYWHERE: Final = Power("partition", "*", partition=ANY_PARTITION)
_OF_ALL_PARTITIONS: Final = frozenset(
    {"FHIR_ACCESS_PARTITION_ALL", "ROLE_FHIR_CLIENT_SUPERUSER", "ROLE_FHIR_CLIENT_SUPERUSER_RO"}
)


def read_permission(name: str, argument: str | None = None) -> Permission:
    """The permission that a definition gives; an empty argument counts as none. Raises BadPermission."""
    kind = PERMISSIONS.get(name)
    if kind is None:
        near = get_close_matches(name, PERMISSIONS, n=1)
        raise BadPermission(f"unknown permission{f'; did you mean {near[0]}?' if near else ''}")
    _check_argument(kind, argument or None)
    return Permission(name, argument or None)


def _check_argument(kind: PermissionKind, argument: str | None) -> None:
    if kind.argument == "none":
        if argument is not None:
            raise BadPermission(f"{kind.name} takes no argument")
        return
    if argument is None:
        raise BadPermission(f"{kind.name} needs {ARGUMENT_FORMS[kind.argument]}")
    try:
        match kind.argument:
            case "type":
                _check_type(argument)
            case "instance":
                read_reference(argument)
            case "compartment":
                _read_compartment(argument)
            case "type in compartment":
                _read_type_in_compartment(argument)
            case "operation":
                _check_operation(argument)
            case "partitions":
                _read_partitions(argument)
            case "text":
                _check_text(argument)
    except ValueError as error:
        raise BadPermission(f"{kind.name} needs {ARGUMENT_FORMS[kind.argument]}: {error}") from error


def _check_type(text: str) -> None:
    if text not in RESOURCE_TYPES:
        near = nearest_type(text)
        raise ValueError(f"unknown resource type{f'; did you mean {near}?' if near else ''}")


def _read_compartment(text: str) -> Reference:
    reference = read_reference(text)
    if reference.resource_type not in COMPARTMENTS:
        raise ValueError("only " + ", ".join(sorted(COMPARTMENTS)) + " have a compartment")
    return reference


def _read_type_in_compartment(text: str) -> tuple[str, Reference]:
    resource_type, colon, owner = text.partition(":")
    if not colon:
        raise ValueError("type and compartment are divided by a colon")
    _check_type(resource_type)
    return resource_type, _read_compartment(owner)


def _check_operation(text: str) -> None:
    resource_type, colon, operation = text.rpartition(":")
    if colon:
        _check_type(resource_type)
    if _OPERATION.fullmatch(operation) is None:
        raise ValueError("an operation's name begins with a dollar sign")


def is_partition(text: str) -> bool:
    """Whether a partition of a FHIR server can have this name."""
    return _PARTITION.fullmatch(text) is not None


def _read_partitions(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(is_partition(name) for name in names):
        raise ValueError("a name has letters, digits, - and _, and commas stand between")
    return names


def _check_text(text: str) -> None:
    if not text.isprintable() or len(text) > _PRINTABLE_MOST:
        raise ValueError(f"at most {_PRINTABLE_MOST} printable characters")


def powers(permissions: Iterable[Permission]) -> tuple[Power, ...]:
    """What `permissions` let one do in FHIR, each power once; nothing for an empty list."""
    held = tuple(permissions)
    given = tuple(dict.fromkeys(power for permission in held for power in _powers_of(permission)))
    if any(permission.name.startswith(_BLOCKS) for permission in held):
        return tuple(power for power in given if power.verb != "read")
    return given


def has_effect(permission: Permission) -> bool:
    """Whether it gives or takes anything in FHIR. Of compartments only a patient's is decided by (`fhir.rights`)."""
    decided = any(
        power.within is None or power.within.startswith("Patient/") for power in _powers_of(permission)
    )
    return decided or permission.name.startswith(_BLOCKS)


def is_idle(permission: Permission) -> bool:
    """Whether it is only kept, and means nothing here. A role is none: it says who somebody is, also outside FHIR."""
    return PERMISSIONS[permission.name].effect != "role" and not has_effect(permission)


def _powers_of(permission: Permission) -> tuple[Power, ...]:
    calls = tuple(Power("call", name, call=call) for name, call in _calls_of(permission))
    everywhere = (_EVERYWHERE,) if permission.name in _OF_ALL_PARTITIONS else ()
    return _powers_in_data(permission) + calls + everywhere


def _calls_of(permission: Permission) -> tuple[tuple[str, Call], ...]:
    if permission.name in EXTENDED:
        return calls_of_argument(permission.name, permission.argument or "")
    if permission.name == _TERMINOLOGY_ROLE:
        return terminology_calls()
    return CALLS.get(permission.name, ())


def _powers_in_data(permission: Permission) -> tuple[Power, ...]:
    if permission.name == _TERMINOLOGY_ROLE:
        return tuple(Power("read", name) for name in _TERMINOLOGY)
    if permission.name in _SEARCH_PARAMETERS:
        return tuple(Power(verb, "SearchParameter") for verb in _SEARCH_PARAMETERS[permission.name])
    verbs = _VERBS.get(permission.name, ())
    argument = permission.argument or ""
    match PERMISSIONS[permission.name].argument:
        case "none":
            return tuple(Power(verb, "*") for verb in verbs)
        case "type":
            return tuple(Power(verb, argument) for verb in verbs)
        case "instance":
            resource_type = read_reference(argument).resource_type
            return tuple(Power(verb, resource_type, instance=argument) for verb in verbs)
        case "compartment":
            return tuple(Power(verb, "*", within=argument) for verb in verbs)
        case "type in compartment":
            resource_type, owner = _read_type_in_compartment(argument)
            return tuple(Power(verb, resource_type, within=owner.text) for verb in verbs)
        case "partitions":
            return tuple(Power("partition", "*", partition=name) for name in _read_partitions(argument))
        case _:
            return ()


def own_powers(patients: Iterable[str]) -> tuple[Power, ...]:
    """Reading and writing in the compartments of `patients`: a person's own record and those she represents.

    Each patient as a bare id or as `Patient/<id>`. Raises ValueError for anything else.
    """
    owners = dict.fromkeys(f"Patient/{_patient_id(patient)}" for patient in patients)
    return tuple(Power(verb, "*", within=owner) for owner in owners for verb in ("read", "write"))


def _patient_id(text: str) -> str:
    id_ = text.removeprefix("Patient/")
    if not is_fhir_id(id_):
        raise ValueError("a patient is a bare id or Patient/<id>")
    return id_
