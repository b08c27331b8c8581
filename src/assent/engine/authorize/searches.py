"""How often a person may search for patients: enough for her work, too little to copy a directory.

Counted for all nodes together; what is searched for is nowhere written down.
Sources: OWASP Automated Threats OAT-011 (scraping); ISO 27789 (an audit row for each look-up).
"""

from assent.engine.events import audit_event, record
from assent.engine.rate_limits import RateLimit, count
from assent.engine.server import AuthorizationServer, Caller
from assent.records.people import Person


async def count_search(server: AuthorizationServer, person: Person, client_id: str, caller: Caller) -> None:
    """Counts a search that is about to be made. Raises `TooManyRequests` when the person has made too many.

    Somebody who goes on trying leaves one row in the audit log for the time that runs.
    """
    settings = server.settings
    limit = RateLimit(
        "search", settings.picker_searches, settings.picker_search_seconds, "context.search_refused"
    )
    person_id = person.person_id
    await count(server, limit, person_id, caller=caller, client_id=client_id, person_id=person_id)


async def record_search(
    server: AuthorizationServer,
    person: Person,
    client_id: str,
    caller: Caller,
    *,
    page: int,
    found: int | None,
) -> None:
    """Writes down that somebody searched and how many she found (None: no answer came), never for whom."""
    event = audit_event(
        server,
        "context.searched",
        "ok" if found is not None else "failed",
        caller=caller,
        client_id=client_id,
        person_id=person.person_id,
        detail={"found": found, "page": page},
    )
    await record(server, event)
