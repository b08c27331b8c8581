"""A store with the whole population, to be read only, and small stores to be written to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from assent.demo.store.population.generate import population, versions
from assent.demo.store.store import FhirStore
from store.asking import BASE, Asking, Json


@pytest.fixture(scope="session")
def people() -> tuple[Json, ...]:
    """Every resource of the population."""
    return population()


@pytest.fixture(scope="session")
def whole() -> Asking:
    """A store with the population; tests that use it write nothing."""
    return Asking(FhirStore(versions(), base_url=BASE))


@pytest.fixture
def small() -> Callable[..., Asking]:
    """Make a store with the given resources, a clock that goes a second at each look, and counted ids."""

    def make(*resources: Json) -> Asking:
        ticks = count()
        numbers = count(1)
        return Asking(
            FhirStore(
                resources,
                base_url=BASE,
                now=lambda: datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(seconds=next(ticks)),
                new_id=lambda: f"new-{next(numbers)}",
            )
        )

    return make
