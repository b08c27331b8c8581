"""What the permissions of FHIR operations open: which operations, batches, transactions and patches.

Owns the table from a permission's name to calls; whether a call may be made with the rights at hand is decided in
`assent.spec.fhir.calls`.

Sources: FHIR R4 operations.html and operationslist.html; Bulk Data Access 2.0 (`$export`); US Core `$docref`; Da Vinci
DTR 2.0; the operations' own documentation for those that HAPI FHIR alone has (`$mdm-…`, `$partition-management-…`,
`$get-resource-counts`, `$binary-access-…`, `$expunge`, `$delete-expunge`, `$import`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Level = Literal["server", "type", "instance"]

BATCH: Final = "batch"
TRANSACTION: Final = "transaction"
PATCH: Final = "patch"
CASCADE: Final = "cascading deletion"
REWRITE: Final = "rewriting of history"
METADATA: Final = "metadata"
EXPORT: Final = "$export"
IMPORT: Final = "$import"
EXPUNGE: Final = "$expunge"
DELETE_EXPUNGE: Final = "$delete-expunge"
BINARY_READ: Final = "$binary-access-read"
BINARY_WRITE: Final = "$binary-access-write"
EXPUNGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "expungeDeletedResources": "expunge of what is deleted",
        "expungePreviousVersions": "expunge of previous versions",
        "expungeEverything": "expunge of everything",
    }
)
"""What `$expunge` does away with: a call of its own for each of its parameters."""

ANY: Final = "*"
READS: Final = "reading"


@dataclass(frozen=True, slots=True)
class Call:
    """Something beside reading and writing single resources, at one level.

    `name`: an operation, as `$everything`, or `batch`, `transaction`, `patch` and such; with `*` at its end: all whose
    names begin so; ANY: all of them; READS: what reads.
    """

    name: str
    level: Level


def _calls(names: str, *levels: Level, of: str = "*") -> tuple[tuple[str, Call], ...]:
    """The calls of these names at each level; `of`: the resource types that have them."""
    return tuple(
        (resource_type, Call(name, level))
        for resource_type in of.split()
        for name in names.split()
        for level in levels
    )


def _expunge(parameter: str, *levels: Level) -> tuple[tuple[str, Call], ...]:
    return tuple(("*", Call(EXPUNGES[parameter], level)) for level in levels)


_EXPORT_SYSTEM: Final = _calls(EXPORT, "server")
_EXPORT_PATIENT: Final = _calls(EXPORT, "type", "instance", of="Patient")
_EXPORT_GROUP: Final = _calls(EXPORT, "instance", of="Group")
_MDM: Final = {
    "FHIR_OP_MDM_CLEAR": "$mdm-clear",
    "FHIR_OP_MDM_CREATE_LINK": "$mdm-create-link",
    "FHIR_OP_MDM_DUPLICATE_GOLDEN_RESOURCES": "$mdm-duplicate-golden-resources",
    "FHIR_OP_MDM_LINK_HISTORY": "$mdm-link-history",
    "FHIR_OP_MDM_MERGE_GOLDEN_RESOURCES": "$mdm-merge-golden-resources",
    "FHIR_OP_MDM_NOT_DUPLICATE": "$mdm-not-duplicate",
    "FHIR_OP_MDM_QUERY_LINKS": "$mdm-query-links",
    "FHIR_OP_MDM_SUBMIT": "$mdm-submit",
    "FHIR_OP_MDM_UPDATE_LINK": "$mdm-update-link",
}
_EMPI: Final = {
    "FHIR_OP_EMPI_CLEAR": "$empi-clear",
    "FHIR_OP_EMPI_DUPLICATE_PERSONS": "$empi-duplicate-persons",
    "FHIR_OP_EMPI_MERGE_PERSONS": "$empi-merge-persons",
    "FHIR_OP_EMPI_QUERY_LINKS": "$empi-query-links",
    "FHIR_OP_EMPI_SUBMIT": "$empi-submit",
    "FHIR_OP_EMPI_UPDATE_LINK": "$empi-update-link",
}
_PARTITIONS: Final = " ".join(
    f"$partition-management-{act}"
    for act in (
        "create-partition",
        "delete-partition",
        "list-partitions",
        "read-partition",
        "update-partition",
    )
)

CALLS: Final[Mapping[str, tuple[tuple[str, Call], ...]]] = MappingProxyType(
    {
        "ROLE_FHIR_CLIENT_SUPERUSER": _calls(ANY, "server", "type", "instance"),
        "ROLE_FHIR_CLIENT_SUPERUSER_RO": _calls(READS, "server", "type", "instance"),
        "FHIR_BATCH": _calls(BATCH, "server"),
        "FHIR_TRANSACTION": _calls(TRANSACTION, "server"),
        "FHIR_PATCH": _calls(PATCH, "instance"),
        "FHIR_CAPABILITIES": _calls(METADATA, "server"),
        "FHIR_DELETE_CASCADE_ALLOWED": (("*", Call(CASCADE, "instance")),),
        "FHIR_DELETE_EXPUNGE": _calls(DELETE_EXPUNGE, "server"),
        "FHIR_EXPUNGE_DELETED": _expunge("expungeDeletedResources", "server", "type", "instance"),
        "FHIR_EXPUNGE_EVERYTHING": _expunge("expungeEverything", "server"),
        "FHIR_EXPUNGE_PREVIOUS_VERSIONS": _expunge("expungePreviousVersions", "server", "type", "instance"),
        "FHIR_UPDATE_REWRITE_HISTORY": (("*", Call(REWRITE, "instance")),),
        "FHIR_GRAPHQL": _calls("$graphql", "server", "instance"),
        "FHIR_MANUAL_VALIDATION": _calls("$validate", "type", "instance"),
        "FHIR_META_OPERATIONS_SUPERUSER": (
            *_calls("$meta", "server", "type", "instance"),
            *_calls("$meta-add $meta-delete", "instance"),
        ),
        "FHIR_PROCESS_MESSAGE": _calls("$process-message", "server"),
        "FHIR_GET_RESOURCE_COUNTS": _calls("$get-resource-counts", "server"),
        "FHIR_MANAGE_PARTITIONS": _calls(_PARTITIONS, "server"),
        "FHIR_TRIGGER_SUBSCRIPTION": (
            *_calls("$trigger-subscription", "server"),
            *_calls("$trigger-subscription", "instance", of="Subscription"),
        ),
        "FHIR_UPLOAD_EXTERNAL_TERMINOLOGY": _calls("$upload-external-code-system", "type", of="CodeSystem"),
        # the operations of these two are not published: those of their own names, as of FHIR_GRAPHQL and others
        "FHIR_AUTO_MDM": _calls("$auto-mdm*", "server", "type", "instance"),
        "FHIR_LIVEBUNDLE": _calls("$livebundle*", "server", "type", "instance"),
        "FHIR_DTR_USER": _calls(
            "$questionnaire-package $next-question $log-questionnaire-errors", "type", of="Questionnaire"
        ),
        "DOCREF": _calls("$docref", "type", of="DocumentReference"),
        "FHIR_OP_BINARY_ACCESS_READ": _calls(BINARY_READ, "instance"),
        "FHIR_OP_BINARY_ACCESS_WRITE": _calls(BINARY_WRITE, "instance"),
        "FHIR_OP_INITIATE_BULK_DATA_EXPORT": (*_EXPORT_SYSTEM, *_EXPORT_PATIENT, *_EXPORT_GROUP),
        "FHIR_OP_INITIATE_BULK_DATA_EXPORT_SYSTEM": _EXPORT_SYSTEM,
        "FHIR_OP_INITIATE_BULK_DATA_EXPORT_PATIENT": _EXPORT_PATIENT,
        "FHIR_OP_INITIATE_BULK_DATA_EXPORT_GROUP": _EXPORT_GROUP,
        "FHIR_OP_INITIATE_BULK_DATA_IMPORT": _calls(IMPORT, "server"),
        "FHIR_OP_APPLY": _calls("$apply", "type", "instance", of="ActivityDefinition PlanDefinition"),
        "FHIR_OP_CQL_EVALUATE_MEASURE": _calls("$evaluate-measure", "type", "instance", of="Measure"),
        "FHIR_OP_ENCOUNTER_EVERYTHING": _calls("$everything", "instance", of="Encounter"),
        "FHIR_OP_EXTRACT": _calls("$extract", "type", "instance", of="QuestionnaireResponse"),
        "FHIR_OP_MEMBER_MATCH": _calls("$member-match", "type", of="Patient"),
        "FHIR_OP_PACKAGE": _calls("$package", "type", "instance"),
        "FHIR_OP_PATIENT_EVERYTHING": _calls("$everything", "type", "instance", of="Patient"),
        "FHIR_OP_PATIENT_MATCH": _calls("$match", "type", of="Patient"),
        "FHIR_OP_PATIENT_SUMMARY": _calls("$summary", "type", "instance", of="Patient"),
        "FHIR_OP_POPULATE": _calls("$populate", "type", "instance", of="Questionnaire"),
        "FHIR_OP_PREPOPULATE": _calls("$prepopulate", "type", "instance", of="Questionnaire"),
        "FHIR_OP_STRUCTUREDEFINITION_SNAPSHOT": _calls(
            "$snapshot", "type", "instance", of="StructureDefinition"
        ),
        "FHIR_MDM_ADMIN": _calls(" ".join(_MDM.values()), "server", "type", "instance"),
        "FHIR_EMPI_ADMIN": _calls(" ".join(_EMPI.values()), "server", "type", "instance"),
        **{
            name: _calls(operation, "server", "type", "instance")
            for name, operation in (_MDM | _EMPI).items()
        },
    }
)
"""By a permission's name: the resource types (`*`: all; of no meaning at the server's level) and what is opened."""

EXTENDED: Final[Mapping[str, Level]] = MappingProxyType(
    {
        "FHIR_EXTENDED_OPERATION_ON_SERVER": "server",
        "FHIR_EXTENDED_OPERATION_ON_TYPE": "type",
        "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE": "instance",
        "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE_OF_TYPE": "instance",
    }
)
"""The permissions whose argument names the operation, and the level that each opens it at."""

TERMINOLOGY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CodeSystem": ("$lookup", "$validate-code", "$subsumes"),
        "ValueSet": ("$expand", "$validate-code"),
        "ConceptMap": ("$translate",),
    }
)
"""What ROLE_FHIR_TERMINOLOGY_READ_CLIENT asks of a terminology server, by resource type."""

_READING: Final = """
    $binary-access-read $empi-duplicate-persons $empi-query-links $everything $expand $get-resource-counts
    $lookup $match $mdm-duplicate-golden-resources $mdm-link-history $mdm-query-links $meta
    $next-question $package $partition-management-list-partitions $partition-management-read-partition $populate
    $prepopulate $questionnaire-package $snapshot $subsumes $summary $translate $validate $validate-code
"""
READING: Final = frozenset(_READING.split())
"""Operations that are known to change nothing, however they are called."""

READING_BY_GET: Final = frozenset({"$docref", "$evaluate-measure", "$graphql"})
"""Those that may make something when they are called by POST."""


def names(call: Call, name: str) -> bool:
    """Whether `call` is the one of this name, or all of its kind."""
    if call.name == READS:
        return name in READING or name in READING_BY_GET or name in (BATCH, METADATA)
    return call.name == name or (call.name.endswith("*") and name.startswith(call.name[:-1]))


def calls_of_argument(name: str, argument: str) -> tuple[tuple[str, Call], ...]:
    """What an extended operation permission with this argument opens: `$everything` or `Patient:$everything`."""
    resource_type, _, operation = argument.rpartition(":")
    return _calls(operation, EXTENDED[name], of=resource_type or "*")


def terminology_calls() -> tuple[tuple[str, Call], ...]:
    """What the role of a terminology client opens."""
    return tuple(
        one
        for resource_type, names in TERMINOLOGY.items()
        for one in _calls(" ".join(names), "type", "instance", of=resource_type)
    )


_NAMED: Final = frozenset(call.name for calls in CALLS.values() for _, call in calls) | READING | {EXPUNGE}


def shown_name(operation: str) -> str:
    """An operation's name, for messages: one that is not known stands in somebody's words, and is not repeated."""
    return operation if operation in _NAMED else "of this name"
