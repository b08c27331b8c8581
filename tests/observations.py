"""Observations for the population of the tests: four of Amy's (one a vital sign), two of Mia's, one of Zoe's."""

from typing import Any

from assent.demo.store.store import FhirStore
from assent.testing.population import resources

BASE = "http://fhir.internal"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def store() -> FhirStore:
    """The population with its observations."""
    found = [
        *(observation(f"amy-{number}", "amy", "laboratory") for number in range(3)),
        observation("amy-v", "amy", "vital-signs"),
        *(observation(f"mia-{number}", "mia", "laboratory") for number in range(2)),
        observation("zoe-1", "zoe", "laboratory"),
    ]
    return FhirStore([*resources(), *found], base_url=BASE)


def observation(id_: str, patient: str, category: str) -> dict[str, Any]:
    """One observation of this category."""
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {"text": "something"},
        "subject": {"reference": f"Patient/{patient}"},
    }
