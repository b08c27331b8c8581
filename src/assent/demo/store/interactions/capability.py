"""`metadata`: what this store can do, computed from its own tables.

Source: https://hl7.org/fhir/R4/http.html#capabilities, capabilitystatement.html.
"""

from typing import Final

from assent.demo.store.context import Context
from assent.demo.store.messages import StoreResponse, respond
from assent.demo.store.search.parameters import Parameter, search_parameters
from assent.demo.store.wire import Json

_PUBLISHED: Final = "2026-11-20"
_NOTICE: Final = (
    "A store for demonstrations: made-up people, everything in memory and gone when it stops, "
    "no access control of its own."
)
_INTERACTIONS = (
    *("read", "vread", "update", "patch", "delete"),
    *("history-instance", "history-type", "create", "search-type"),
)
_EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"


def capabilities(context: Context) -> StoreResponse:
    """The CapabilityStatement."""
    parameters = search_parameters()
    rest = {
        "mode": "server",
        "documentation": _NOTICE,
        "security": {
            "description": "None: this store answers everybody. The gateway in front of it decides."
        },
        "resource": [_resource(resource_type) for resource_type in parameters],
        "interaction": [{"code": code} for code in ("batch", "transaction", "history-system")],
    }
    statement = {
        "resourceType": "CapabilityStatement",
        "id": "assent-demo-store",
        "name": "AssentDemoStore",
        "title": "Assent demo FHIR store",
        "status": "active",
        "experimental": True,
        "date": _PUBLISHED,
        "description": _NOTICE,
        "kind": "instance",
        "software": {"name": "Assent demo FHIR store"},
        "implementation": {"description": _NOTICE, "url": context.base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [rest],
    }
    return respond(200, statement)


def _resource(resource_type: str) -> Json:
    parameters = search_parameters()
    own = parameters[resource_type]
    pointing = [
        f"{source_type}:{parameter.name}"
        for source_type, named in parameters.items()
        for parameter in named.values()
        if resource_type in parameter.targets
    ]
    is_patient = resource_type == "Patient"
    return {
        "type": resource_type,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchInclude": [
            "*",
            *(f"{resource_type}:{each.name}" for each in own.values() if each.kind == "reference"),
        ],
        "searchRevInclude": ["*", *pointing],
        "searchParam": [_parameter(each) for each in own.values()],
        **({"operation": [{"name": "everything", "definition": _EVERYTHING}]} if is_patient else {}),
    }


def _parameter(parameter: Parameter) -> Json:
    return {"name": parameter.name, "type": parameter.kind}
