"""What this process knows of the counts of `rate_limits`, so that hardly any request has to ask the database."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Count:
    """One count: `total` is that of all nodes as last heard, with what was counted here since (`unshared`)."""

    total: int
    unshared: int
    ends_at: int
    is_noted: bool = False


class RecentCounts:
    """The counts that run, by key; of too many the one that was used longest ago is forgotten first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, Count] = OrderedDict()

    def get(self, key: str, now: int) -> Count | None:
        """The count of this key, while its time runs."""
        known = self._counts.get(key)
        return known if known is not None and known.ends_at > now else None

    def put(self, key: str, count: Count) -> None:
        """Remembers a count."""
        self._counts[key] = count
        self._counts.move_to_end(key)
        if len(self._counts) > _KEPT:
            self._counts.popitem(last=False)

    def forget(self, key: str) -> None:
        """Drops a count."""
        self._counts.pop(key, None)
