"""`metadata`: what the upstream's CapabilityStatement says and the gateway lets through, with our security.

What the gateway always refuses is left out, so that the statement does not promise it. An upstream without a statement
gets one of our own.
Sources: FHIR R4 CapabilityStatement; SMART App Launch 2.2 conformance (the old `oauth-uris` extension helps old
clients, D19).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from assent.engine.server import Issuer
from assent.fhir.upstream import FHIR_JSON, Upstream, UpstreamDown, UpstreamRequest
from assent.gateway.calls import JSON_PATCH
from assent.spec.fhir.references import moved
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.search_parameters import find

_OAUTH_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICES: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_INTERACTIONS: Final = frozenset(
    {
        *("read", "vread", "update", "patch", "delete", "create"),
        *("history-instance", "history-type", "search-type"),
    }
)
_PATCHES: Final = frozenset({JSON_PATCH, FHIR_JSON})
_NOT_OF_REST: Final = frozenset(
    {"interaction", "searchParam", "operation", "compartment", "security", "resource"}
)
_NOT_OF_RESOURCE: Final = frozenset(
    {
        *("interaction", "searchParam", "operation", "updateCreate"),
        *("conditionalCreate", "conditionalRead", "conditionalUpdate", "conditionalDelete"),
    }
)


async def read_metadata(upstream: Upstream, issuer: Issuer, now: str) -> dict[str, Any]:
    """The CapabilityStatement that apps see. `now` is an instant, for one of our own. Raises `UpstreamDown`."""
    answer = await upstream.send(UpstreamRequest("GET", "metadata"))
    if answer.status >= 500:
        raise UpstreamDown(f"the FHIR server answered {answer.status} to metadata")
    statement = answer.json() if answer.status == 200 else {}
    if statement.get("resourceType") != "CapabilityStatement":
        statement = _own_statement(now)
    statement = moved(statement, frozenset({upstream.base} - {""}), issuer.fhir_base)
    servers = [one for one in _mappings(statement.get("rest")) if one.get("mode") == "server"]
    rest = _shown_rest(servers[0] if servers else {}) | {"security": _security(issuer)}
    implementation = statement.get("implementation")
    described = implementation if isinstance(implementation, Mapping) else {}
    shown = {name: value for name, value in statement.items() if name not in ("patchFormat", "messaging")}
    known = statement.get("patchFormat")
    patches = [one for one in (known if isinstance(known, list) else ()) if one in _PATCHES]
    return {
        **shown,
        **({"patchFormat": patches} if patches else {}),
        "implementation": {"description": "FHIR server", **described, "url": issuer.fhir_base},
        "format": ["json", "application/fhir+json"],
        "rest": [rest],
    }


def _shown_rest(rest: Mapping[str, Any]) -> dict[str, Any]:
    """What of the upstream's REST description holds for the gateway."""
    shown = {name: value for name, value in rest.items() if name not in _NOT_OF_REST}
    resources = [_shown_resource(one) for one in _mappings(rest.get("resource"))]
    known = [one for one in resources if str(one.get("type")) in RESOURCE_TYPES]
    theirs = {str(one.get("code")) for one in _mappings(rest.get("interaction"))}
    # batches are the gateway's own work, whatever the server behind can do
    interactions = [{"code": "batch"}, *([{"code": "transaction"}] if "transaction" in theirs else [])]
    operations = list(_mappings(rest.get("operation")))
    return {
        **shown,
        "mode": "server",
        "interaction": interactions,
        **({"operation": operations} if operations else {}),
        **({"resource": known} if known else {}),
    }


def _shown_resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in resource.items() if name not in _NOT_OF_RESOURCE}
    interactions = [one for one in _mappings(resource.get("interaction")) if one.get("code") in _INTERACTIONS]
    operations = list(_mappings(resource.get("operation")))
    resource_type = str(resource.get("type"))
    parameters = [
        one
        for one in _mappings(resource.get("searchParam"))
        if find(resource_type, str(one.get("name"))) is not None
    ]
    if interactions:
        shown["interaction"] = interactions
    if operations:
        shown["operation"] = operations
    if parameters:
        shown["searchParam"] = parameters
    return shown


def _mappings(values: Any) -> Iterator[Mapping[str, Any]]:
    for one in values if isinstance(values, list) else ():
        if isinstance(one, Mapping):
            yield one


def _own_statement(now: str) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now,
        "kind": "instance",
        "fhirVersion": "4.0.1",
    }


def _security(issuer: Issuer) -> dict[str, Any]:
    uris = {
        "authorize": "/oauth/authorize",
        "token": "/oauth/token",
        "introspect": "/oauth/introspect",
        "revoke": "/oauth/token/revoke",
        "manage": "/oauth/revoke",
    }
    return {
        "cors": True,
        "service": [
            {"coding": [{"system": _SERVICES, "code": "SMART-on-FHIR"}], "text": "OAuth2 using SMART-on-FHIR"}
        ],
        "extension": [
            {
                "url": _OAUTH_URIS,
                "extension": [
                    {"url": name, "valueUri": issuer.endpoint(path)} for name, path in uris.items()
                ],
            }
        ],
    }
