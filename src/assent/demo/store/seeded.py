"""The demo's store: a `FhirStore` that holds the made-up population."""

from datetime import date

from assent.demo.store.population.generate import DEFAULT_TODAY, versions
from assent.demo.store.store import FhirStore


def seeded_store(base_url: str, *, today: date = DEFAULT_TODAY) -> FhirStore:
    """A store at that URL, with the population as it stands on that day, former versions included."""
    return FhirStore(versions(today), base_url=base_url)
