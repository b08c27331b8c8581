"""Notes: a Binary with the text, and the DocumentReference that points to it."""

import base64
from datetime import timedelta
from typing import Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import (
    LOINC,
    US_CORE,
    concept,
    identifier,
    instant,
    reference,
)
from assent.demo.store.population.staff import HOSPITAL, practitioner

_CATEGORY: Final = [
    concept(f"{US_CORE}CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")
]
_FORMAT: Final = {
    "system": "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem",
    "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
    "display": "mimeType Sufficient",
}
# kind of visit -> LOINC, display
_NOTES: Final = {
    "check-up": ("34117-2", "History and physical note"),
    "follow-up": ("11506-3", "Progress note"),
    "admission": ("18842-5", "Discharge summary"),
}


def record_documents(chart: Chart) -> None:
    """A note for every check-up, follow-up and stay in the hospital."""
    for visit in chart.visits:
        if visit.kind in _NOTES:
            _record_note(chart, visit)


def _record_note(chart: Chart, visit: Visit) -> None:
    code, shown = _NOTES[visit.kind]
    at = visit.at + timedelta(hours=1)
    problems = [each.ailment.display for each in chart.problems if each.visit.at <= visit.at]
    text = (
        f"{shown} of {chart.who.name}, {visit.at.date().isoformat()}. Seen: {', '.join(problems) or 'well'}."
    )
    data = base64.b64encode(text.encode()).decode()
    binary = chart.record(
        "Binary",
        "note-text",
        at,
        contentType="text/plain; charset=utf-8",
        securityContext=chart.subject,
        data=data,
    )
    chart.record(
        "DocumentReference",
        "note",
        at,
        identifier=[identifier("document", f"{chart.who.id}-{visit.at.date().isoformat()}")],
        status="current",
        type=concept(LOINC, code, shown),
        category=_CATEGORY,
        subject=chart.subject,
        date=instant(at),
        author=[practitioner(visit.practitioner)],
        custodian=reference(HOSPITAL, "St. Elsewhere Health"),
        content=[
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "url": binary,
                    "title": shown,
                    "creation": instant(at),
                },
                "format": _FORMAT,
            }
        ],
        context={
            "encounter": [reference(visit.key)],
            "period": {"start": instant(visit.at), "end": instant(at)},
        },
    )
