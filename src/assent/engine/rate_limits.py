"""How often something may be done from one place within a time, counted for all nodes together.

Owns the counting; what is counted stands with whoever counts. The count is a row that all nodes share. A node counts in
memory and adds to the row by steps of a twentieth of the limit, so that what is far from a limit costs a twentieth of a
write, and what is beyond it costs nothing. So a limit may be passed by a step for each further node; one of less than
40 is exact. The audit log gets one row for each place and time, however long somebody goes on.

Nobody can lock others out: what is counted by address is counted by address *and* by what is asked for, what is right
passes whatever was wrong before it, and a place that is this machine itself (or a proxy that nobody told us of) is
not counted. Sources: RFC 6585 4 (429, Retry-After), RFC 6819 4.6.4 and 5.1.4.2.3 (guessing, denial of service).
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

from assent.engine.events import audit_event, commit, record
from assent.engine.recent_counts import Count
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.people import Throttle
from assent.spec.errors import TooManyRequests
from assent.spec.networks import is_loopback, network_of
from assent.storage.interface import Add, Change, Remove, act
from assent.storage.tables import THROTTLES

_STEPS = 20
_NOTED_SECONDS = 600
_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`most` within `seconds`; 0 is no limit. `name` keeps apart what is counted, and says it in the audit log.

    `event` is the type of the row that a refusal leaves there.
    """

    name: str
    most: int
    seconds: int
    event: str = "rate.limited"

    @property
    def step(self) -> int:
        """How many a node counts before it tells the others."""
        return max(1, self.most // _STEPS)


async def count(
    server: AuthorizationServer,
    limit: RateLimit,
    *who: str,
    caller: Caller,
    client_id: str | None = None,
    person_id: str | None = None,
) -> None:
    """Counts one for `who`. Raises `TooManyRequests` when it is one too many."""
    if limit.most == 0:
        return
    key, now = rate_key(server, limit, *who), server.now()
    known = server.counts.get(key, now)
    if known is not None and known.total >= limit.most:
        raise await _too_many(server, limit, key, known, caller, client_id, person_id)
    here = replace(known, total=known.total + 1, unshared=known.unshared + 1) if known else None
    here = here or Count(1, 1, now + limit.seconds)
    if here.unshared < limit.step and here.total < limit.most:
        server.counts.put(key, here)
        return
    server.counts.put(key, replace(here, unshared=0))  # whoever counts while this is shared shares his own
    shared = await _share(server, limit, key, here.unshared)
    since = server.counts.get(key, now)
    unshared = since.unshared if since else 0
    told = Count(shared.failures + unshared, unshared, shared.expires_at)
    server.counts.put(key, told)
    if shared.failures > limit.most:
        raise await _too_many(server, limit, key, told, caller, client_id, person_id)


async def count_place(
    server: AuthorizationServer, limit: RateLimit, *who: str, caller: Caller, client_id: str | None = None
) -> None:
    """Counts one for `who` at the caller's address (IPv6: its /64). Raises `TooManyRequests`."""
    if caller.address is not None and not is_loopback(caller.address):
        place = network_of(caller.address)
        await count(server, limit, place, *who, caller=caller, client_id=client_id)


async def check_place(server: AuthorizationServer, limit: RateLimit, *who: str, caller: Caller) -> None:
    """Counts nothing. Raises `TooManyRequests` where this node knows that the place is at its limit."""
    if limit.most and caller.address is not None and not is_loopback(caller.address):
        key = rate_key(server, limit, network_of(caller.address), *who)
        known = server.counts.get(key, server.now())
        if known is not None and known.total >= limit.most:
            raise await _too_many(server, limit, key, known, caller, None, None)


async def note_once(
    server: AuthorizationServer, event: str, *who: str, caller: Caller, detail: dict[str, str]
) -> None:
    """A row in the audit log for what goes on at the caller's address: one for `who` there within ten minutes."""
    place = network_of(caller.address) if caller.address is not None else ""
    key, now = rate_key(server, RateLimit(event, 1, _NOTED_SECONDS), place, *who), server.now()
    if server.counts.get(key, now) is not None:
        return
    server.counts.put(key, Count(1, 0, now + _NOTED_SECONDS, is_noted=True))
    row = await server.storage.get(THROTTLES, key)
    if row is None or row.expires_at <= now:
        first = _write(row, Throttle(key, 1, now, 0, now + _NOTED_SECONDS))
        await commit(server, first, event=audit_event(server, event, "refused", caller=caller, detail=detail))


async def record_seldom(server: AuthorizationServer, event: AuditEvent, seconds: int, *who: str) -> None:
    """A row in the audit log for the first such event of `who` on this node within `seconds`.

    The others are counted and logged, and leave no row: what an outage makes of every attempt fills no audit log.
    """
    key, now = rate_key(server, RateLimit(event.type, 1, seconds), *who), server.now()
    if server.counts.get(key, now) is not None:
        server.observe(event)
        return
    server.counts.put(key, Count(1, 0, now + seconds, is_noted=True))
    await record(server, event)


async def forget_place(server: AuthorizationServer, limit: RateLimit, *who: str, caller: Caller) -> None:
    """What was counted for `who` at the caller's address was no guessing."""
    if limit.most and caller.address is not None and not is_loopback(caller.address):
        key = rate_key(server, limit, network_of(caller.address), *who)
        server.counts.forget(key)
        await server.storage.commit(act(Remove(THROTTLES, (key,))))


def rate_key(server: AuthorizationServer, limit: RateLimit, *who: str) -> str:
    """The key of a count: a keyed hash, so that the table names nobody."""
    named = "\0".join((limit.name, *who)).encode("utf-8", "surrogatepass")
    return "rate:" + hmac.new(server.cookie_key, named, hashlib.sha256).hexdigest()[:32]


async def _share(server: AuthorizationServer, limit: RateLimit, key: str, more: int) -> Throttle:
    """The row with `more` added to it."""
    for _ in range(_ATTEMPTS):
        now = server.now()
        row = await server.storage.get(THROTTLES, key)
        if row is None or row.expires_at <= now:
            new = Throttle(key, more, now, 0, now + limit.seconds)
        else:
            new = replace(row, failures=row.failures + more, last_failed_at=now)
        if (await server.storage.commit(act(_write(row, new)))).all:
            return new
    raise TooManyRequests("too many requests at a time: try again", retry_after_seconds=1)


def _write(row: Throttle | None, new: Throttle) -> Add | Change:
    """Of two nodes that share at once, one has to look again."""
    if row is None:
        return Add(THROTTLES, new)
    fields = ("failures", "last_failed_at", "locked_until", "expires_at")
    seen = {name: getattr(row, name) for name in ("failures", "expires_at")}
    return Change(THROTTLES, (new.key,), {name: getattr(new, name) for name in fields}, seen)


async def _too_many(
    server: AuthorizationServer,
    limit: RateLimit,
    key: str,
    known: Count,
    caller: Caller,
    client_id: str | None,
    person_id: str | None,
) -> TooManyRequests:
    """The refusal. The first of all nodes' is written down; those who go on fill no log."""
    if not known.is_noted:
        server.counts.put(key, replace(known, is_noted=True))
        ends = {"locked_until": known.ends_at}
        first = Change(THROTTLES, (key,), ends, {"locked_until": 0, "expires_at": known.ends_at})
        detail = {"limit": limit.name, "most": limit.most, "seconds": limit.seconds}
        event = audit_event(
            server,
            limit.event,
            "refused",
            caller=caller,
            client_id=client_id,
            person_id=person_id,
            detail=detail,
        )
        await commit(server, first, event=event)
    wait = max(1, known.ends_at - server.now())
    return TooManyRequests("too many requests: wait and try again", retry_after_seconds=wait)
