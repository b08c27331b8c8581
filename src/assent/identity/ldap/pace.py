"""How long a refusal takes: a name that nobody has is refused no sooner than a wrong password.

Against a name that exists, a server checks a password, and some hashes are slow on purpose. How long that took lately
is remembered, and who names nobody waits as long as one of those took, chosen at random.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import Final

_REMEMBERED: Final = 16


class Pace:
    """How long the last binds of people took, by a monotonic clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lately: deque[float] = deque(maxlen=_REMEMBERED)

    def begin(self) -> float:
        """The moment at which a bind begins."""
        return self._clock()

    def note(self, begun: float) -> None:
        """Remembers how long a person's bind took."""
        self._lately.append(self._clock() - begun)

    async def keep(self, begun: float) -> None:
        """Waits until a bind that began then has taken as long as a person's."""
        if self._lately:
            await asyncio.sleep(max(0.0, begun + secrets.choice(self._lately) - self._clock()))
