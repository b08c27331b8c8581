"""The whole population: everybody's chart, written in a fixed order from a fixed seed.

Owns: the order of the chapters, the duplicate record, the former versions. Leaves each chapter to its own file.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.conditions import record_conditions
from assent.demo.store.population.coverage import record_coverage
from assent.demo.store.population.crossings import crossings, misfiled
from assent.demo.store.population.documents import record_documents
from assent.demo.store.population.elements import reference
from assent.demo.store.population.households import Resident, residents
from assent.demo.store.population.laboratory import record_laboratory
from assent.demo.store.population.landmarks import CHIDI, TOMAS, TOMAS_DUPLICATE
from assent.demo.store.population.medicines import medications, record_medicines
from assent.demo.store.population.people import (
    persons,
    record_jonas,
    record_patient,
    record_related_people,
)
from assent.demo.store.population.plans import record_plans
from assent.demo.store.population.prevention import record_prevention
from assent.demo.store.population.provenance import record_provenance
from assent.demo.store.population.social import questionnaires, record_social
from assent.demo.store.population.staff import staff
from assent.demo.store.population.treatment import record_treatment
from assent.demo.store.population.visits import record_visits
from assent.demo.store.population.vitals import record_vitals
from assent.demo.store.wire import Json

DEFAULT_TODAY: Final = date(2026, 11, 20)
_SEED: Final = "assent"

_CHAPTERS: Final[tuple[Callable[[Chart], None], ...]] = (
    record_patient,
    record_related_people,
    record_jonas,
    record_visits,
    record_conditions,
    record_vitals,
    record_laboratory,
    record_social,
    record_medicines,
    record_prevention,
    record_treatment,
    record_documents,
    record_plans,
    record_coverage,
    record_provenance,
)
_PEOPLE: Final = ("Patient", "RelatedPerson")


def population(today: date = DEFAULT_TODAY) -> tuple[Json, ...]:
    """The resources as they stand on that day, to load another FHIR server with: the same bytes for the same day.

    What is referred to comes before what refers, but for the two records that link to each other. Parts are shared
    between resources: read them, don't change them.
    """
    everybody = list(residents(today))
    recorded = [resource for chart in _charts(everybody, today) for resource in chart.recorded]
    return (
        *_common(),
        *(_linked(each) for each in recorded if each["resourceType"] == "Patient"),
        *(each for each in recorded if each["resourceType"] == "RelatedPerson"),
        *persons(everybody, today),
        *(each for each in recorded if each["resourceType"] not in _PEOPLE),
        *crossings(today),
    )


def versions(today: date = DEFAULT_TODAY) -> Iterator[Json]:
    """The same resources, each after its former versions, chart by chart: no more than one chart is held at a time."""
    everybody = list(residents(today))
    yield from _common()
    for chart in _charts(everybody, today):
        yield from chart.earlier
        yield from map(_linked, chart.recorded)
    yield from persons(everybody, today)
    yield misfiled(today, CHIDI, days=22)
    yield from crossings(today)


def transaction_bundles(resources: Iterable[Json], size: int = 200) -> Iterator[Json]:
    """The same resources as transaction Bundles of updates (PUT), each of at most `size` entries."""
    entries = [
        {
            "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
        }
        for resource in resources
    ]
    for start in range(0, len(entries), size):
        yield {"resourceType": "Bundle", "type": "transaction", "entry": entries[start : start + size]}


def _common() -> Iterator[Json]:
    """What all charts refer to."""
    yield from staff()
    yield from medications()
    yield from questionnaires()


def _charts(everybody: list[Resident], today: date) -> Iterator[Chart]:
    for who in (*everybody, _duplicate(everybody)):
        yield _write_chart(who, everybody, today)


def _write_chart(who: Resident, everybody: list[Resident], today: date) -> Chart:
    kin = tuple(each for each in everybody if each.household is who.household and each.given != who.given)
    chance = random.Random(f"{_SEED}/{who.id}")  # noqa: S311  made-up readings, and the same ones every time
    chart = Chart(who, kin, today, chance)
    for record in _CHAPTERS:
        record(chart)
    return chart


def _duplicate(everybody: list[Resident]) -> Resident:
    original = next(each for each in everybody if each.key == TOMAS)
    return replace(original, id=TOMAS_DUPLICATE.partition("/")[2])


def _linked(resource: Json) -> Json:
    """The two records of one man, linked to each other (patient.html#link); anybody else's as it is."""
    match f"{resource['resourceType']}/{resource['id']}":
        case key if key == TOMAS:
            return {**resource, "link": [{"other": reference(TOMAS_DUPLICATE), "type": "replaces"}]}
        case key if key == TOMAS_DUPLICATE:
            link = [{"other": reference(TOMAS), "type": "replaced-by"}]
            return {**resource, "active": False, "link": link}
    return resource
