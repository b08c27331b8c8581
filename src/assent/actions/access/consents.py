"""Everything that a person allowed apps, put together from her grants and the audit log, for her to keep.

Owns what belongs to it and in which order; nothing of a record is in it but its id. How it is written down is
`consent_documents`' and the pages' business.
"""

from dataclasses import dataclass
from typing import Any, Final

from assent.actions.access.grants import ends_at, is_live, is_remembered, patient_of
from assent.actions.access.narrowing import LONGEST_AUDITED_SCOPE
from assent.actions.access.terms import agreements_of
from assent.actions.changes import every
from assent.engine.authorize.scope import cached_scopes
from assent.engine.server import AuthorizationServer
from assent.records.audit import AuditEvent
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person
from assent.records.terms import Agreement
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Scalar
from assent.storage.tables import AUDIT, CLIENTS, GRANTS

DECISIONS: Final = {
    "authorization.granted": "granted",
    "authorization.denied": "denied",
    "access.narrowed": "narrowed",
    "access.revoked": "revoked",
}
"""The rows of the audit log that are decisions, and what was decided."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One grant of hers. `client` is None where the app is registered no more.

    `ended_at` and `until` are epoch seconds: when it ended, and when it will; each None where that is not so or not
    known.
    """

    grant: Grant
    client: Client | None
    is_active: bool
    ended_at: int | None
    until: int | None

    @property
    def scope(self) -> ScopeSet:
        """What it allows, or allowed when it ended."""
        return cached_scopes(self.grant.scope).scopes

    @property
    def patient(self) -> str | None:
        """The bare id of the patient whose record it is about."""
        return patient_of(self.grant)


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that was decided about an app: `decided` is a value of DECISIONS, `scope` what it was about."""

    at: int
    decided: str
    client_id: str
    client: Client | None
    scope: ScopeSet
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consents:
    """All of it, the latest first, as it was at `at`."""

    person: Person
    at: int
    consents: tuple[Consent, ...]
    decisions: tuple[Decision, ...]
    agreements: tuple[Agreement, ...]


async def consents_of(server: AuthorizationServer, person: Person) -> Consents:
    """What the person allowed until now, and what came of it."""
    grants = await every(server.storage, GRANTS, {"person_id": person.person_id})
    events = await _decisions(server, person)
    clients: dict[str, Client | None] = {}
    for client_id in {grant.client_id for grant in grants} | {event.client_id or "" for event in events}:
        client = await server.storage.get(CLIENTS, client_id)
        clients[client_id] = client
    consents = [await _consent(server, clients[grant.client_id], grant) for grant in grants]
    consents.sort(key=lambda one: (one.grant.created_at, one.grant.grant_id), reverse=True)
    return Consents(
        person=person,
        at=server.now(),
        consents=tuple(consents),
        decisions=tuple(_decision(event, clients[event.client_id or ""]) for event in events),
        agreements=await agreements_of(server, person),
    )


async def _consent(server: AuthorizationServer, client: Client | None, grant: Grant) -> Consent:
    is_active = await is_live(server, client, grant)
    end = ends_at(server, client, grant)
    lasts = grant.online or is_remembered(client)
    if is_active:
        return Consent(grant, client, True, None, None if lasts else end)
    ended_at = grant.revoked_at or (end if end <= server.now() else None)
    return Consent(grant, client, False, ended_at, None)


async def _decisions(server: AuthorizationServer, person: Person) -> list[AuditEvent]:
    """The rows of the audit log that are decisions of this person, the latest first."""
    events: list[AuditEvent] = []
    for type_ in DECISIONS:
        where: dict[str, Scalar] = {"person_id": person.person_id, "type": type_}
        events += await every(server.storage, AUDIT, where)
    return sorted(events, key=lambda event: event.event_id, reverse=True)


def _decision(event: AuditEvent, client: Client | None) -> Decision:
    detail: dict[str, Any] = event.detail or {}
    text: str = detail.get("taken" if event.type == "access.narrowed" else "scope", "")
    if len(text) >= LONGEST_AUDITED_SCOPE:
        text = text.rpartition(" ")[0]  # the log cut it there: half a scope's name would be another scope
    return Decision(
        at=event.at,
        decided=DECISIONS[event.type],
        client_id=event.client_id or "",
        client=client,
        scope=cached_scopes(text).scopes,
        grants=tuple(detail.get("grants", ())) or ((event.grant_id,) if event.grant_id else ()),
    )
