"""How long a refusal takes where some hashes are dearer than ours: whether a name exists is not told by time.

Hashes from elsewhere cost what they cost. How long each kind took lately is remembered, and every refusal that was
quicker waits as long as one of the dearest kind took, chosen at random. Nothing waits where there are no such hashes.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Final

_REMEMBERED: Final = 16


class HashPace:
    """How long the last verifications of each kind of hash took, by a monotonic clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lately: dict[str, deque[float]] = {}

    def begin(self) -> float:
        """The moment at which a verification begins."""
        return self._clock()

    def note(self, kind: str, begun: float) -> None:
        """Remembers how long one took."""
        self._lately.setdefault(kind, deque(maxlen=_REMEMBERED)).append(self._clock() - begun)

    async def keep(self, kind: str, begun: float) -> None:
        """Waits until a verification that began then has taken as long as one of the dearest kind."""
        dearest = max(self._lately, key=lambda one: median(self._lately[one]), default=kind)
        if dearest != kind:
            until = begun + secrets.choice(self._lately[dearest])
            await asyncio.sleep(max(0.0, until - self._clock()))
