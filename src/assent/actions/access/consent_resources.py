"""What a patient allowed, as FHIR Consent resources in a Bundle, for systems that read those.

A Consent of scope `patient-privacy` is a patient's own word, or that of somebody who acts for her. What a clinician
granted an app for his work is none, and is left out here. Nothing of a record is told but the reference to its patient.

Sources: FHIR R4 consent.html (ppc-1: a policy or a policy rule; ppc-2: a patient; the root provision has no type, each
nested one has) and its SMART on FHIR example; bundle.html (collection); v3 ActCode, ParticipationType, ActReason.
"""

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from assent.actions.access.consent_documents import say_utc
from assent.actions.access.consents import Consent, Consents
from assent.engine.server import Issuer
from assent.spec.scopes import ResourceScope, Scope, wire_text

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_MAY_PERFORM: Final = frozenset({"Patient", "RelatedPerson"})
_SPEAKS_FOR_PATIENTS: Final = _MAY_PERFORM | {"Person"}


def consents_bundle(issuer: Issuer, organization: str, consents: Consents) -> dict[str, Any]:
    """A Bundle of type `collection` with a Consent for each grant that is a patient's word."""
    entries: list[dict[str, Any]] = []
    for one in consents.consents:
        patient = _patient_of(one)
        if patient is not None:
            full_url = uuid5(NAMESPACE_URL, f"{issuer.url} {one.grant.grant_id}").urn
            resource = _consent(issuer, organization, consents, one, patient)
            entries.append({"fullUrl": full_url, "resource": resource})
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": say_utc(consents.at),
    }
    return {**bundle, "entry": entries} if entries else bundle  # FHIR JSON has no empty arrays


def _patient_of(consent: Consent) -> str | None:
    """The patient whose word it is, or in whose name it was given; None where it is nobody's."""
    kind, _, own = (consent.grant.fhir_user or "").partition("/")
    if kind not in _SPEAKS_FOR_PATIENTS:
        return None
    return consent.patient or (own if kind == "Patient" else None)


def _consent(
    issuer: Issuer, organization: str, consents: Consents, consent: Consent, patient: str
) -> dict[str, Any]:
    grant = consent.grant
    period = {"start": say_utc(grant.created_at)}
    end = consent.until or consent.ended_at
    if end is not None:
        period["end"] = say_utc(max(end, grant.created_at))
    return {
        "resourceType": "Consent",
        "identifier": [{"system": f"{issuer.url}/consents", "value": grant.grant_id}],
        "status": "active" if consent.is_active else "inactive",
        "scope": _concept("consentscope", "patient-privacy"),
        "category": [
            {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]},
            _concept("v3-ActCode", "IDSCL"),
        ],
        "patient": {"reference": f"{issuer.fhir_base}/Patient/{patient}"},
        "dateTime": say_utc(grant.created_at),
        "performer": [_performer(issuer, consents, consent)],
        "organization": [
            {"identifier": {"system": "urn:ietf:rfc:3986", "value": issuer.url}, "display": organization}
        ],
        "policyRule": _concept("v3-ActCode", "OPTIN"),
        "provision": {
            "period": period,
            "actor": [{"role": _concept("v3-ParticipationType", "IRCP"), "reference": _app(issuer, consent)}],
            "purpose": [_coding("v3-ActReason", "PATRQT")],
            "provision": [_rule(scope) for scope in consent.scope],
        },
    }


def _performer(issuer: Issuer, consents: Consents, consent: Consent) -> dict[str, Any]:
    """Who gave it. A Person cannot perform a Consent: she is named by her account, as somebody related."""
    fhir_user = consent.grant.fhir_user or ""
    if fhir_user.partition("/")[0] in _MAY_PERFORM:
        return {"reference": f"{issuer.fhir_base}/{fhir_user}"}
    account = {"system": issuer.url, "value": consents.person.person_id}
    return {"type": "RelatedPerson", "identifier": account}


def _app(issuer: Issuer, consent: Consent) -> dict[str, Any]:
    """The app as a device that is known by its `client_id` at this issuer."""
    client_id = consent.grant.client_id
    name = consent.client.client_name if consent.client else client_id
    identifier = {"system": f"{issuer.url}/clients", "value": client_id}
    return {"type": "Device", "identifier": identifier, "display": name or client_id}


def _rule(scope: Scope) -> dict[str, Any]:
    """What one scope permits: the type of data where it names one, the scope itself as text."""
    rule: dict[str, Any] = {"type": "permit"}
    actions = ["access"]
    if isinstance(scope, ResourceScope):
        may_read = any(letter in scope.interactions for letter in "rs")
        may_change = any(letter in scope.interactions for letter in "cud")
        actions = ["access"] * may_read + ["correct"] * may_change
    rule["action"] = [_concept("consentaction", action) for action in actions]
    if isinstance(scope, ResourceScope) and scope.resource_type != "*":
        rule["class"] = [{"system": "http://hl7.org/fhir/resource-types", "code": scope.resource_type}]
    rule["code"] = [{"text": wire_text(scope)}]
    return rule


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code)]}


def _coding(system: str, code: str) -> dict[str, Any]:
    return {"system": f"{_TERMINOLOGY}/{system}", "code": code}
