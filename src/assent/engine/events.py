"""Audit rows: made here, written in the act's own commit, told to the observer once they are durable."""

from collections.abc import Mapping
from typing import Any

from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.storage.interface import Act, Add, Outcomes, Write
from assent.storage.tables import AUDIT


def audit_event(
    server: AuthorizationServer,
    type: str,  # noqa: A002 - the record's own name
    outcome: str = "ok",
    *,
    caller: Caller | None = None,
    client_id: str | None = None,
    person_id: str | None = None,
    grant_id: str | None = None,
    actor: str | None = None,
    reference: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """A row for the audit log, its id ordered by time (microseconds, then 32 random bits)."""
    moment = server.moment()
    return AuditEvent(
        event_id=f"{int(moment * 1_000_000):014x}{server.random(4).hex()}",
        at=int(moment),
        type=type,
        outcome=outcome,
        client_id=client_id,
        person_id=person_id,
        grant_id=grant_id,
        actor=actor,
        address=caller.address if caller else None,
        reference=reference or (caller.reference if caller else None),
        detail=dict(detail) if detail else None,
    )


async def commit(server: AuthorizationServer, *writes: Write, event: AuditEvent) -> Outcomes:
    """Commits the chain with its audit row as the last link; the observer hears of it when all won.

    The row is written only when every write won, so a refusal must be recorded by an act of its own.
    """
    outcomes = await server.storage.commit(Act((*writes, Add(AUDIT, event))))
    if outcomes.all:
        server.observe(event)
    return outcomes


async def record(server: AuthorizationServer, event: AuditEvent) -> None:
    """Commits one audit row: a refusal, or something that changed nothing."""
    await commit(server, event=event)
