"""Reading the audit log: newest first, filtered, page by page. Nobody changes it."""

from dataclasses import dataclass, replace

from assent.engine.server import AuthorizationServer
from assent.records.audit import AuditEvent
from assent.records.people import Person
from assent.storage.interface import Scalar
from assent.storage.tables import AUDIT, PEOPLE

LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are wanted. `since` is the earliest instant (epoch seconds); `reference` is what a refusal said."""

    person: Person | None = None
    client_id: str | None = None
    type: str | None = None
    since: int = 0
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows, the newest first. `next` is the `after` of the page that follows, None on the last one.

    `usernames` are those of the people in it, by person_id.
    """

    events: tuple[AuditEvent, ...]
    next: str | None
    usernames: dict[str, str]


async def list_audit(
    server: AuthorizationServer, wanted: AuditFilter, *, after: str | None = None, limit: int = 100
) -> AuditPage:
    """A page of the log. With a reference: all that has it in the newest stretch of the log where something has."""
    if wanted.reference is not None:
        return await _with_reference(server, wanted, wanted.reference, after)
    limit = min(max(limit, 1), LONGEST_PAGE)
    where: dict[str, Scalar] = {}
    if wanted.person is not None:
        where["person_id"] = wanted.person.person_id
    if wanted.client_id is not None:
        where["client_id"] = wanted.client_id
    if wanted.type is not None:
        where["type"] = wanted.type
    found = await server.storage.find(
        AUDIT, where, after=(after,) if after else None, limit=limit, newest_first=True
    )
    events = tuple(event for event in found if event.at >= wanted.since)
    is_last = len(found) < limit or len(events) < len(found)
    return AuditPage(events, None if is_last else events[-1].event_id, await _usernames(server, events))


async def _with_reference(
    server: AuthorizationServer, wanted: AuditFilter, reference: str, after: str | None
) -> AuditPage:
    """References are short and come again after a long time, and no index knows them: the log is read backwards."""
    page = AuditPage((), after, {})
    while not page.events:
        page = await list_audit(server, replace(wanted, reference=None), after=page.next, limit=LONGEST_PAGE)
        events = tuple(event for event in page.events if event.reference == reference.strip().upper())
        page = replace(page, events=events)
        if page.next is None:
            break
    return page


async def _usernames(server: AuthorizationServer, events: tuple[AuditEvent, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for person_id in {event.person_id for event in events if event.person_id}:
        person = await server.storage.get(PEOPLE, person_id)
        if person is not None:
            names[person_id] = person.username
    return names
