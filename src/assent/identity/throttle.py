"""The throttle on guessing: a growing delay per account and per address, and a lock on the account.

Rows are shared by all nodes. Keys are hashes, so that the table has no name that was typed; whose account it was stands
beside them, where the module knew. An unknown name is throttled just like a known one: whether an account exists cannot
be told from how it is refused.
Sources: NIST SP 800-63B 5.2.2, OWASP Authentication (throttling by account and address).
"""

import hashlib
import hmac
from dataclasses import dataclass

from assent.engine.server import AuthorizationServer
from assent.records.people import Throttle
from assent.spec.errors import TooManyRequests
from assent.spec.networks import is_loopback, is_loopback_url, network_of
from assent.storage.interface import Add, Change, Remove, act
from assent.storage.tables import THROTTLES

_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free, after how many it locks (0 never), and how long each is remembered."""

    free: int
    most: int
    keep_seconds: int


def account_key(server: AuthorizationServer, name_key: str) -> str:
    """The throttle key of an account."""
    return "account:" + _keyed(server, name_key)


def place_key(server: AuthorizationServer, address: str | None) -> str | None:
    """The throttle key of an address; IPv6 addresses count by their /64.

    None of this machine itself where the server is for others too: a proxy may stand there, and everybody behind it.
    """
    if address is None or (is_loopback(address) and not is_loopback_url(server.issuer.url)):
        return None
    return "address:" + _keyed(server, network_of(address))


def account_limit(server: AuthorizationServer) -> Limit:
    """The limit on one account."""
    return Limit(server.settings.login_free_failures, server.settings.login_max_failures, 24 * 3600)


def address_limit(server: AuthorizationServer) -> Limit:
    """The limit on one address: delayed, never locked, and soon forgotten, since a whole clinic may share it."""
    return Limit(server.settings.address_free_failures, 0, 15 * 60)


async def check_throttle(server: AuthorizationServer, key: str) -> None:
    """Raises `TooManyRequests` while an attempt on this key has to wait."""
    row = await server.storage.get(THROTTLES, key)
    _check_row(server, row)


async def count_failure(
    server: AuthorizationServer, key: str, limit: Limit, person_id: str | None = None
) -> bool:
    """Counts a failure; True when it locked the account, `person_id`'s. Concurrent failures are all counted."""
    for _ in range(_ATTEMPTS):
        row = await server.storage.get(THROTTLES, key)
        counted = _counted(server, key, row, limit, person_id)
        if await _write(server, row, counted):
            return limit.most > 0 and counted.failures == 0
    return False


async def take_guess(
    server: AuthorizationServer, key: str, limit: Limit, person_id: str | None = None
) -> None:
    """Counts a guess as a failure before it is looked at: those that arrive together are no more than those in a row.

    A right one is followed by `forget_failures`. Raises `TooManyRequests` while there is to be none.
    """
    for _ in range(_ATTEMPTS):
        row = await server.storage.get(THROTTLES, key)
        _check_row(server, row)
        if await _write(server, row, _counted(server, key, row, limit, person_id)):
            return
    raise TooManyRequests("too many attempts at once: wait and try again", retry_after_seconds=1)


async def forget_failures(server: AuthorizationServer, key: str) -> None:
    """A right password clears the account's count."""
    await server.storage.commit(act(Remove(THROTTLES, (key,))))


async def lift_lock(server: AuthorizationServer, key: str) -> bool:
    """Ends a lock or a delay; False when there was none. The next lock is as long as if it had run its time."""
    row = await server.storage.get(THROTTLES, key)
    if row is None or row.locked_until <= server.now():
        return False
    change = Change(THROTTLES, (key,), {"failures": 0, "locked_until": 0}, {"locked_until": row.locked_until})
    return (await server.storage.commit(act(change))).all


async def end_wait(server: AuthorizationServer, key: str) -> bool:
    """Lets one be tried at once; what was counted stays, so the next wait is longer. False where there was none."""
    row = await server.storage.get(THROTTLES, key)
    if row is None or row.locked_until <= server.now():
        return False
    change = Change(THROTTLES, (key,), {"locked_until": 0}, {"locked_until": row.locked_until})
    return (await server.storage.commit(act(change))).all


async def held_rows(server: AuthorizationServer, person_id: str, *keys: str) -> tuple[Throttle, ...]:
    """The locks and delays that hold now: on accounts known to be this person's, and on these keys."""
    found = {row.key: row for row in await server.storage.find(THROTTLES, {"person_id": person_id})}
    for key in keys:
        row = await server.storage.get(THROTTLES, key)
        if row is not None:
            found[key] = row
    return tuple(row for row in found.values() if row.locked_until > server.now())


async def locked_until(server: AuthorizationServer, key: str) -> int:
    """The end of the lock or delay on this key; 0 where there is none."""
    row = await server.storage.get(THROTTLES, key)
    return row.locked_until if row is not None and row.locked_until > server.now() else 0


def keyed(server: AuthorizationServer, kind: str, value: str) -> str:
    """A key of the throttle table that names nobody."""
    return f"{kind}:{_keyed(server, value)}"


def _check_row(server: AuthorizationServer, row: Throttle | None) -> None:
    if row is not None and row.locked_until > server.now():
        wait = row.locked_until - server.now()
        raise TooManyRequests("too many attempts: wait and try again", retry_after_seconds=wait)


def _counted(
    server: AuthorizationServer, key: str, row: Throttle | None, limit: Limit, person_id: str | None
) -> Throttle:
    """The row with one more failure; none are left in it when they lock."""
    now = server.now()
    known = row if row is not None and row.expires_at > now else None
    failures = known.failures + 1 if known else 1
    earlier = known.locks if known else 0
    locks = limit.most > 0 and failures >= limit.most
    # guesses that were under way end no lock, and make it no longer
    locks_anew = locks and (row is None or row.locked_until <= now)
    until = now + (_lock(server, earlier) if locks_anew else _delay(server, failures, limit))
    if row is not None:
        until = max(until, row.locked_until)
    return Throttle(
        key,
        0 if locks else failures,
        now,
        until,
        now + max(limit.keep_seconds, until - now),
        earlier + 1 if locks_anew else earlier,
        person_id,
    )


async def _write(server: AuthorizationServer, row: Throttle | None, counted: Throttle) -> bool:
    """Whether the row is as counted now; not where somebody else counted meanwhile."""
    if row is None:
        return (await server.storage.commit(act(Add(THROTTLES, counted)))).all
    names = ("failures", "last_failed_at", "locked_until", "expires_at", "locks", "person_id")
    as_it_was = {name: getattr(row, name) for name in ("failures", "last_failed_at", "locked_until")}
    change = Change(THROTTLES, (row.key,), {name: getattr(counted, name) for name in names}, as_it_was)
    return (await server.storage.commit(act(change))).all


def _lock(server: AuthorizationServer, earlier: int) -> int:
    """How long the next lock lasts, after so many in a row."""
    first, most = server.settings.login_lock_seconds, server.settings.login_lock_max_seconds
    return min(first << min(earlier, 16), max(first, most))


def _delay(server: AuthorizationServer, failures: int, limit: Limit) -> int:
    over = failures - limit.free
    if over <= 0:
        return 0
    seconds = server.settings.login_delay_seconds << min(over - 1, 16)
    return min(seconds, server.settings.login_delay_max_seconds)


def _keyed(server: AuthorizationServer, value: str) -> str:
    return hmac.new(server.cookie_key, value.encode(), hashlib.sha256).hexdigest()[:32]
