"""How often a person may search for patients: enough for her work, too little to copy a directory.

Rows are shared by all nodes. Owns the count; what is searched for is nowhere written down.
Sources: OWASP Automated Threats OAT-011 (scraping); ISO 27789 (an audit row for each look-up).
"""

from assent.engine.events import audit_event, commit, record
from assent.engine.server import AuthorizationServer, Caller
from assent.records.people import Person, Throttle
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Add, Change, act
from assent.storage.tables import THROTTLES

_ATTEMPTS = 50


async def count_search(server: AuthorizationServer, person: Person, client_id: str, caller: Caller) -> None:
    """Counts a search that is about to be made. Raises `TooManyRequests` when the person has made too many."""
    key = f"search:{person.person_id}"
    for _ in range(_ATTEMPTS):
        now = server.now()
        row = await server.storage.get(THROTTLES, key)
        if row is not None and row.expires_at > now and row.failures >= server.settings.picker_searches:
            await _record_first_refusal(server, row, person, client_id, caller)
            wait = row.expires_at - now
            raise TooManyRequests("too many searches: wait and try again", retry_after_seconds=wait)
        if (await server.storage.commit(act(_counted(server, key, row, now)))).all:
            return
    raise TooManyRequests("too many searches at a time: try again", retry_after_seconds=1)


def _counted(server: AuthorizationServer, key: str, row: Throttle | None, now: int) -> Add | Change:
    """One more in the time that runs, or the first of a new one; of two at once, one has to look again."""
    fresh = Throttle(key, 1, now, 0, now + server.settings.picker_search_seconds)
    if row is None:
        return Add(THROTTLES, fresh)
    seen = {"failures": row.failures, "expires_at": row.expires_at}
    if row.expires_at > now:
        return Change(THROTTLES, (key,), {"failures": row.failures + 1, "last_failed_at": now}, seen)
    renewed = {"failures": 1, "last_failed_at": now, "locked_until": 0, "expires_at": fresh.expires_at}
    return Change(THROTTLES, (key,), renewed, seen)


async def _record_first_refusal(
    server: AuthorizationServer, row: Throttle, person: Person, client_id: str, caller: Caller
) -> None:
    """One row for the time that runs: somebody who goes on trying fills no log."""
    first = Change(
        THROTTLES,
        (row.key,),
        {"locked_until": row.expires_at},
        {"locked_until": 0, "expires_at": row.expires_at},
    )
    event = audit_event(
        server,
        "context.search_refused",
        "refused",
        caller=caller,
        client_id=client_id,
        person_id=person.person_id,
        detail={"searches": row.failures},
    )
    await commit(server, first, event=event)


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
