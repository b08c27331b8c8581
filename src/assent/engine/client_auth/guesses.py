"""Wrong client secrets, counted by client and address: each further one waits longer.

Counted by both, so that a stranger slows down nobody but himself. Counted in this process, as what is protected is its
own pool of threads; how many guesses all nodes take together is limited beside it (`secret_guesses_per_hour`).
Sources: RFC 6749 2.3.1 (endpoints that take secrets are protected against brute force), OWASP Authentication.
"""

from collections import OrderedDict
from dataclasses import dataclass

from assent.spec.errors import TooManyRequests
from assent.spec.networks import network_of

FREE_GUESSES = 10
LONGEST_WAIT_SECONDS = 300
_KEPT_SECONDS = 600
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    guesses: int
    wait_until: int
    kept_until: int


class Guesses:
    """How often each client was guessed at from each address, lately."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def begin(self, client_id: str, address: str | None, now: int) -> None:
        """Counts a guess before it is looked at, so that those made at once count too. Raises `TooManyRequests`."""
        key = _key(client_id, address)
        known = self._counts.get(key)
        if known is not None and now < known.wait_until:
            raise TooManyRequests(
                "too many wrong client secrets: wait and try again",
                retry_after_seconds=known.wait_until - now,
            )
        guesses = 1 if known is None or known.kept_until <= now else known.guesses + 1
        self._counts[key] = _Count(guesses, now + _wait(guesses), now + _KEPT_SECONDS)
        self._counts.move_to_end(key)
        if len(self._counts) > _KEPT:
            self._counts.popitem(last=False)

    def forget(self, client_id: str, address: str | None) -> None:
        """The guess was right: what came before it does not count."""
        self._counts.pop(_key(client_id, address), None)


def _key(client_id: str, address: str | None) -> tuple[str, str]:
    return client_id, network_of(address or "")


def _wait(guesses: int) -> int:
    over = guesses - FREE_GUESSES
    return 0 if over < 0 else min(1 << min(over, 16), LONGEST_WAIT_SECONDS)
