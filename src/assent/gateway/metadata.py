"""`metadata`: the upstream's CapabilityStatement with our security, or one of our own where it has none.

Sources: FHIR R4 CapabilityStatement; SMART App Launch 2.2 conformance (the old `oauth-uris` extension helps old
clients, D19).
"""

from typing import Any

from assent.engine.server import Issuer
from assent.fhir.upstream import Upstream, UpstreamRequest

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"


async def read_metadata(upstream: Upstream, issuer: Issuer, now: str) -> dict[str, Any]:
    """The CapabilityStatement that apps see. `now` is an instant, for one of our own. Raises `UpstreamDown`."""
    answer = await upstream.send(UpstreamRequest("GET", "metadata"))
    statement = answer.json() if answer.status == 200 else {}
    if statement.get("resourceType") != "CapabilityStatement":
        statement = _own_statement(now)
    rest = [one for one in statement.get("rest") or [] if one.get("mode") == "server"] or [{"mode": "server"}]
    rest[0] = {**rest[0], "security": _security(issuer)}
    described = {"description": "FHIR server", **(statement.get("implementation") or {})}
    return {**statement, "implementation": {**described, "url": issuer.fhir_base}, "rest": rest}


def _own_statement(now: str) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now,
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
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
