"""The limit on guessing codes: by person, shared by all nodes, growing up to a day.

An attempt is counted before it is looked at, so that guesses that arrive together cannot all pass. A right password
does not end the count, since whoever guesses codes has it; a right code, a change of the password by who has shown one,
and an administrator do. Who reads her mail ends the wait alone, by a reset or the link that unlocks (`identity.locks`).
A browser in which she showed a second factor before is counted by itself: who has her password cannot keep her out of
it.
Sources: NIST SP 800-63B 5.2.2, RFC 6238 5.1, RFC 4226 7.3, OWASP (device cookies).
"""

from typing import Any, Final

from assent.engine.server import AuthorizationServer, Caller
from assent.identity.devices import is_device_of, new_device
from assent.identity.throttle import keyed
from assent.records.people import Throttle
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Add, Change, Remove, act
from assent.storage.tables import THROTTLES

FREE: Final = 5
"""Wrong codes before anybody has to wait."""

FIRST_WAIT_SECONDS: Final = 30
LONGEST_WAIT_SECONDS: Final = 86400
KEPT_SECONDS: Final = 7 * 86400
_TRIES: Final = 50
_KIND: Final = "factor"


def proven_mark(server: AuthorizationServer, person_id: str) -> str:
    """The mark of a browser in which somebody has just shown a second factor, for its cookie."""
    return new_device(server, _account(person_id))


def attempts_key(server: AuthorizationServer, person_id: str, caller: Caller) -> str:
    """The throttle key of a person's second factor: in this browser where she showed one before, else anywhere."""
    if caller.proven is not None and is_device_of(server, _account(person_id), caller.proven):
        return keyed(server, _KIND, caller.proven)
    return keyed(server, _KIND, person_id)


def counts_attempts(row: Throttle) -> bool:
    """Whether a row of the throttle is one of these."""
    return row.key.startswith(f"{_KIND}:")


def _account(person_id: str) -> str:
    return f"second factor\0{person_id}"


async def take_attempt(server: AuthorizationServer, person_id: str, caller: Caller) -> None:
    """Counts an attempt. Raises `TooManyRequests` while there is to be none."""
    key = attempts_key(server, person_id, caller)
    for _ in range(_TRIES):
        now = server.now()
        row = await server.storage.get(THROTTLES, key)
        if row is not None and row.locked_until > now:
            raise TooManyRequests(
                "too many codes: wait and try again", retry_after_seconds=row.locked_until - now
            )
        failures = 1 if row is None or row.expires_at <= now else row.failures + 1
        counted: dict[str, Any] = {
            "failures": failures,
            "last_failed_at": now,
            "locked_until": now + wait_seconds(failures),
            "expires_at": now + KEPT_SECONDS,
            "person_id": person_id,
        }
        if row is None:
            write: Add | Change = Add(THROTTLES, Throttle(key, **counted))
        else:
            as_it_was = {"failures": row.failures, "last_failed_at": row.last_failed_at}
            write = Change(THROTTLES, (key,), counted, as_it_was)
        if (await server.storage.commit(act(write))).all:
            return
    raise TooManyRequests("too many codes at once: wait and try again", retry_after_seconds=1)


async def forget_attempts(server: AuthorizationServer, person_id: str, caller: Caller) -> None:
    """A right code ends the count."""
    await server.storage.commit(act(Remove(THROTTLES, (attempts_key(server, person_id, caller),))))


def wait_seconds(failures: int) -> int:
    """How long nobody may try after so many attempts in a row: nothing, then twice as long each time."""
    over = failures - FREE
    return min(FIRST_WAIT_SECONDS << min(over, 16), LONGEST_WAIT_SECONDS) if over >= 0 else 0
