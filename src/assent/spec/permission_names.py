"""The permissions that people and clients can have: name, kind of argument, kind of effect.

Owns the table that definitions are checked against and the reference page is generated from; what a
permission lets one do is in `permissions`. The names are those that Smile CDR's definitions use, so that
definitions can be carried over; a name whose effect is `none` is kept and shown, and grants nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Argument = Literal[
    "none", "type", "instance", "compartment", "type in compartment", "operation", "partitions", "text"
]
Effect = Literal["fhir_data", "fhir_operation", "role", "none"]

ARGUMENT_FORMS: Final[Mapping[Argument, str]] = MappingProxyType(
    {
        "none": "no argument",
        "type": "a resource type, such as Observation",
        "instance": "a resource, such as Patient/123",
        "compartment": "a compartment, such as Patient/123",
        "type in compartment": "a resource type and a compartment, such as Observation:Patient/123",
        "operation": "an operation, such as $everything or Patient:$everything",
        "partitions": "names of partitions, such as north,south",
        "text": "a text",
    }
)
"""How each kind of argument is written, for messages and the reference page."""


@dataclass(frozen=True, slots=True)
class PermissionKind:
    """What is known of a permission's name."""

    name: str
    argument: Argument
    effect: Effect


def _group(names: str, effect: Effect, argument: Argument = "none") -> tuple[PermissionKind, ...]:
    return tuple(PermissionKind(name, argument, effect) for name in names.split())


_KINDS: Final = (
    *_group(
        """
        ROLE_ANONYMOUS ROLE_FHIR_CLIENT ROLE_FHIR_CLIENT_SUPERUSER ROLE_FHIR_CLIENT_SUPERUSER_RO
        ROLE_FHIR_TERMINOLOGY_READ_CLIENT ROLE_SUPERUSER ROLE_SYSTEM ROLE_SYSTEM_INITIALIZATION
        """,
        "role",
    ),
    *_group("FHIR_ALL_READ FHIR_ALL_WRITE FHIR_ALL_DELETE", "fhir_data"),
    *_group("FHIR_READ_ALL_OF_TYPE FHIR_WRITE_ALL_OF_TYPE FHIR_DELETE_ALL_OF_TYPE", "fhir_data", "type"),
    *_group("FHIR_READ_INSTANCE FHIR_WRITE_INSTANCE", "fhir_data", "instance"),
    *_group(
        "FHIR_READ_ALL_IN_COMPARTMENT FHIR_WRITE_ALL_IN_COMPARTMENT FHIR_DELETE_ALL_IN_COMPARTMENT",
        "fhir_data",
        "compartment",
    ),
    *_group(
        "FHIR_READ_TYPE_IN_COMPARTMENT FHIR_WRITE_TYPE_IN_COMPARTMENT FHIR_DELETE_TYPE_IN_COMPARTMENT",
        "fhir_data",
        "type in compartment",
    ),
    *_group(
        "BLOCK_FHIR_READ_UNLESS_CODE_IN_VS BLOCK_FHIR_READ_UNLESS_CODE_NOT_IN_VS",
        "fhir_data",
        "text",
    ),
    *_group("FHIR_ACCESS_PARTITION_ALL", "fhir_data"),
    *_group("FHIR_ACCESS_PARTITION_NAME", "fhir_data", "partitions"),
    *_group(
        """
        FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE_OF_TYPE
        FHIR_EXTENDED_OPERATION_ON_SERVER FHIR_EXTENDED_OPERATION_ON_TYPE
        """,
        "fhir_operation",
        "operation",
    ),
    *_group(
        """
        DOCREF FHIR_AUTO_MDM FHIR_BATCH FHIR_CAPABILITIES FHIR_DELETE_CASCADE_ALLOWED FHIR_DELETE_EXPUNGE
        FHIR_DTR_USER FHIR_EMPI_ADMIN FHIR_EXPUNGE_DELETED FHIR_EXPUNGE_EVERYTHING
        FHIR_EXPUNGE_PREVIOUS_VERSIONS FHIR_GET_RESOURCE_COUNTS FHIR_GRAPHQL FHIR_LIVEBUNDLE
        FHIR_MANAGE_PARTITIONS FHIR_MANUAL_VALIDATION FHIR_MDM_ADMIN FHIR_META_OPERATIONS_SUPERUSER
        FHIR_MODIFY_SEARCH_PARAMETERS FHIR_OP_APPLY FHIR_OP_BINARY_ACCESS_READ FHIR_OP_BINARY_ACCESS_WRITE
        FHIR_OP_CQL_EVALUATE_MEASURE FHIR_OP_EMPI_CLEAR FHIR_OP_EMPI_DUPLICATE_PERSONS
        FHIR_OP_EMPI_MERGE_PERSONS FHIR_OP_EMPI_QUERY_LINKS FHIR_OP_EMPI_SUBMIT FHIR_OP_EMPI_UPDATE_LINK
        FHIR_OP_ENCOUNTER_EVERYTHING FHIR_OP_EXTRACT FHIR_OP_INITIATE_BULK_DATA_EXPORT
        FHIR_OP_INITIATE_BULK_DATA_EXPORT_GROUP FHIR_OP_INITIATE_BULK_DATA_EXPORT_PATIENT
        FHIR_OP_INITIATE_BULK_DATA_EXPORT_SYSTEM FHIR_OP_INITIATE_BULK_DATA_IMPORT FHIR_OP_MDM_CLEAR
        FHIR_OP_MDM_CREATE_LINK FHIR_OP_MDM_DUPLICATE_GOLDEN_RESOURCES FHIR_OP_MDM_LINK_HISTORY
        FHIR_OP_MDM_MERGE_GOLDEN_RESOURCES FHIR_OP_MDM_NOT_DUPLICATE FHIR_OP_MDM_QUERY_LINKS
        FHIR_OP_MDM_SUBMIT FHIR_OP_MDM_UPDATE_LINK FHIR_OP_MEMBER_MATCH FHIR_OP_PACKAGE
        FHIR_OP_PATIENT_EVERYTHING FHIR_OP_PATIENT_MATCH FHIR_OP_PATIENT_SUMMARY FHIR_OP_POPULATE
        FHIR_OP_PREPOPULATE FHIR_OP_STRUCTUREDEFINITION_SNAPSHOT FHIR_PATCH FHIR_PROCESS_MESSAGE
        FHIR_READ_SEARCH_PARAMETERS FHIR_TRANSACTION FHIR_TRIGGER_SUBSCRIPTION
        FHIR_UPDATE_REWRITE_HISTORY FHIR_UPLOAD_EXTERNAL_TERMINOLOGY
        """,
        "fhir_operation",
    ),
    *_group(
        """
        ACCESS_ADMIN_JSON ACCESS_ADMIN_WEB ACCESS_FHIRWEB ACCESS_FHIR_ENDPOINT AG_ADMIN_CONSOLE_READ
        AG_ADMIN_CONSOLE_WRITE AG_DEV_PORTAL_READ AG_DEV_PORTAL_WRITE CHANGE_OWN_DEFAULT_LAUNCH_CONTEXTS
        CHANGE_OWN_PASSWORD CHANGE_OWN_TFA_KEY CREATE_USER SAVE_USER UPDATE_USER VIEW_USERS VIEW_AUDIT_LOG
        VIEW_METRICS VIEW_TRANSACTION_LOG VIEW_TRANSACTION_LOG_EVENT
        OPENID_CONNECT_ADD_CLIENT OPENID_CONNECT_EDIT_CLIENT OPENID_CONNECT_VIEW_CLIENT_LIST
        OPENID_CONNECT_ADD_SERVER OPENID_CONNECT_EDIT_SERVER OPENID_CONNECT_VIEW_SERVER_LIST
        OPENID_CONNECT_MANAGE_GLOBAL_SESSIONS OPENID_CONNECT_MANAGE_KEYSTORES
        ARCHIVE_MODULE CONTROL_MODULE CREATE_MODULE MODULE_ADMIN REINSTATE_MODULE START_STOP_MODULE
        UPDATE_MODULE_CONFIG VIEW_MODULE_CONFIG VIEW_MODULE_STATUS MANAGE_BATCH_JOBS VIEW_BATCH_JOBS
        PACKAGE_REGISTRY_READ PACKAGE_REGISTRY_WRITE INVOKE_CDS_HOOKS CDA_IMPORT CREATE_CDA_TEMPLATE
        DELETE_CDA_TEMPLATE USE_CDA_TEMPLATE VIEW_CDA_TEMPLATE DQM_QPP_BUILD ETL_IMPORT_PROCESS_FILE
        EMPI_ADMIN EMPI_UPDATE_MATCH_RULES EMPI_VIEW_MATCH_RULES MDM_ADMIN MDM_UPDATE_MATCH_RULES
        MDM_VIEW_MATCH_RULES SUBMIT_ATTACHMENT
        """,
        "none",
    ),
    *_group("OIDC_CLIENT_PRESET_PERMISSION", "none", "text"),
)

PERMISSIONS: Final[Mapping[str, PermissionKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every known permission by its name."""
