"""How much of what costs is done at once for one place; the rest of that place waits, and no other place does.

Whoever came last goes first: somebody who heaps up work keeps himself waiting, and hardly anybody who comes with one
piece of it from the same address. What waits has an end too: the oldest is sent away. Kept in this process alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from assent.engine.server import Caller
from assent.spec.errors import TooManyRequests
from assent.spec.networks import is_loopback, network_of

_Turn = asyncio.Future[None]


@dataclass(slots=True)
class _Line:
    """What one place has under way, and what waits for its turn; who gave up waiting may stand there still."""

    running: int = 0
    waiting: deque[_Turn] = field(default_factory=deque)


class Turns:
    """`at_once` under way and `most` waiting, for each address (IPv6: /64); this machine itself is not counted."""

    def __init__(self, at_once: int, most: int) -> None:
        self._at_once = at_once
        self._most = most
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def take(self, caller: Caller) -> AsyncIterator[None]:
        """A turn of the caller's place, as long as the block lasts. Raises `TooManyRequests`."""
        if caller.address is None or is_loopback(caller.address):
            yield
            return
        place = network_of(caller.address)
        line = self._lines.setdefault(place, _Line())
        if line.running < self._at_once:
            line.running += 1
        else:
            await self._wait(place, line)
        try:
            yield
        finally:
            self._pass_on(place, line)

    async def _wait(self, place: str, line: _Line) -> None:
        turn: _Turn = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        if len(line.waiting) > self._most:
            _settle(line.waiting.popleft(), TooManyRequests("too many at a time", retry_after_seconds=1))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:  # it had just been given its turn
                self._pass_on(place, line)
            raise

    def _pass_on(self, place: str, line: _Line) -> None:
        while line.waiting:
            if _settle(line.waiting.pop()):
                return
        line.running -= 1
        if not line.running:
            del self._lines[place]


def _settle(turn: _Turn, error: TooManyRequests | None = None) -> bool:
    """Lets somebody go on, or sends him away; False where he has gone already."""
    if turn.done():
        return False
    if error is None:
        turn.set_result(None)
    else:
        turn.set_exception(error)
    return True
