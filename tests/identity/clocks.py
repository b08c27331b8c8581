"""A clock for tests of how long a refusal takes."""

from dataclasses import dataclass


@dataclass
class WorkClock:
    """Stands still but for the work that a test counts, and for waiting."""

    moment: float = 0.0

    def __call__(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds
