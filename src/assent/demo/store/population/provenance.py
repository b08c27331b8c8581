"""Who wrote the chart: a Provenance for the patient's record, one for each visit and one for what was sent in."""

from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.elements import HL7, US_CORE, concept, instant, reference
from assent.demo.store.population.staff import HOSPITAL, LABORATORY, practitioner
from assent.demo.store.wire import Json

_AUTHOR: Final = concept(f"{HL7}provenance-participant-type", "author", "Author")
_TRANSMITTER: Final = concept(
    f"{US_CORE}CodeSystem/us-core-provenance-participant-type", "transmitter", "Transmitter"
)
_TARGETS_NAMED: Final = 40


def record_provenance(chart: Chart) -> None:
    """Provenance of the Patient, of each visit with its first findings, and of the laboratory's results."""
    _record(chart, [chart.who.key], practitioner(chart.doctor), 0)
    for turn, visit in enumerate(chart.visits):
        targets = [visit.key, *chart.written_at.get(visit.key, ())][:_TARGETS_NAMED]
        _record(chart, targets, practitioner(visit.practitioner), turn)
    _record(chart, chart.reports, reference(LABORATORY, "Harbour Laboratory"), -1)


def _record(chart: Chart, targets: list[str], author: Json, turn: int) -> None:
    at = chart.visits[turn].at
    hospital = reference(HOSPITAL, "St. Elsewhere Health")
    chart.record(
        "Provenance",
        "provenance",
        at,
        target=[reference(key) for key in targets],
        recorded=instant(at),
        agent=[
            {"type": _AUTHOR, "who": author, "onBehalfOf": hospital},
            {"type": _TRANSMITTER, "who": hospital},
        ],
    )
