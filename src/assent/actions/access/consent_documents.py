"""What a person allowed, as JSON for her to keep. The shape is told in docs/how-to/what-people-can-take-back.md."""

from datetime import UTC, datetime
from typing import Any

from assent.actions.access.consents import Consent, Consents, Decision
from assent.engine.server import Issuer
from assent.records.terms import Agreement


def consents_json(issuer: Issuer, organization: str, consents: Consents) -> dict[str, Any]:
    """All of it; instants in UTC as RFC 3339 writes them."""
    person = consents.person
    return {
        "issuer": issuer.url,
        "organization": organization,
        "as_of": say_utc(consents.at),
        "person": {"username": person.username, "fhir_user": person.fhir_user},
        "consents": [_consent(one) for one in consents.consents],
        "decisions": [_decision(one) for one in consents.decisions],
        "terms": [_agreement(one) for one in consents.agreements],
    }


def say_utc(at: int) -> str:
    """An instant as `2027-01-15T08:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _consent(consent: Consent) -> dict[str, Any]:
    grant, client = consent.grant, consent.client
    return {
        "id": grant.grant_id,
        "status": "active" if consent.is_active else "ended",
        "client_id": grant.client_id,
        "client_name": client.client_name if client else None,
        "publisher": client.publisher if client else None,
        "patient": consent.patient,
        "scope": list(consent.scope.texts),
        "granted_at": say_utc(grant.created_at),
        "last_used_at": _or_none(grant.last_used_at),
        "ends_with_session": grant.online,
        "ends_at": _or_none(consent.until),
        "ended_at": _or_none(consent.ended_at),
        "ended_because": grant.revoked_because,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "at": say_utc(decision.at),
        "decision": decision.decided,
        "client_id": decision.client_id,
        "scope": list(decision.scope.texts),
        "consents": list(decision.grants),
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "client_id": agreement.client_id,
        "version": agreement.version,
        "accepted_at": say_utc(agreement.agreed_at),
        "language": agreement.language,
        "text_sha256": agreement.text_hash.hex(),
    }


def _or_none(at: int | None) -> str | None:
    return say_utc(at) if at else None
