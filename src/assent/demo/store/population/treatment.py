"""Procedures, an imaging report, devices and pictures."""

from datetime import timedelta
from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    SNOMED,
    concept,
    identifier,
    instant,
    reference,
)
from assent.demo.store.population.staff import CLINIC, HOSPITAL, NURSE, RADIOLOGIST, practitioner

# SNOMED, display, from which age
_PROCEDURES: Final = (
    ("430193006", "Medication reconciliation", 0),
    ("710824005", "Assessment of health and social care needs", 0),
    ("127783003", "Spirometry", 5),
    ("171207006", "Depression screening", 12),
    ("29303009", "Electrocardiographic procedure", 40),
    ("73761001", "Colonoscopy", 45),
)
_DEVICES: Final = {
    "hypertension": ("70665002", "Blood pressure cuff"),
    "diabetes": ("337414009", "Blood glucose meter"),
    "asthma": ("334980009", "Inhaler spacer"),
    "fibrillation": ("14106009", "Cardiac pacemaker"),
}
_THERMOMETER: Final = ("27991004", "Thermometer")


def record_treatment(chart: Chart) -> None:
    """What was done at the visits, a picture of the chest, and the device that the patient has."""
    _record_procedures(chart)
    _record_imaging(chart)
    _record_device(chart)


def _record_procedures(chart: Chart) -> None:
    for turn, visit in enumerate(chart.visits):
        age = chart.who.age_on(visit.at.date())
        fitting = [row for row in _PROCEDURES if row[2] <= age]
        code, shown, _ = fitting[turn % len(fitting)]
        chart.record(
            "Procedure",
            "procedure",
            visit.at + timedelta(minutes=15),
            status="completed",
            code=concept(SNOMED, code, shown),
            subject=chart.subject,
            encounter=reference(visit.key),
            performedPeriod={
                "start": instant(visit.at + timedelta(minutes=5)),
                "end": instant(visit.at + timedelta(minutes=15)),
            },
            performer=[{"actor": practitioner(visit.practitioner)}],
            location=reference(CLINIC, "Port Ellery Clinic"),
        )


def _record_imaging(chart: Chart) -> None:
    visit = next((each for each in chart.visits if each.kind in ("emergency", "admission")), chart.visits[0])
    at = visit.at + timedelta(minutes=40)
    code = concept(LOINC, "36643-5", "XR Chest 2 Views")
    picture = chart.record(
        "Media",
        "picture",
        at,
        status="completed",
        type=concept(f"{HL7}media-type", "image", "Image"),
        subject=chart.subject,
        encounter=reference(visit.key),
        createdDateTime=instant(at),
        operator=practitioner(RADIOLOGIST),
        content={"contentType": "image/png", "title": "Chest, two views", "data": _DOT},
    )
    chart.record(
        "DiagnosticReport",
        "chest-report",
        at + timedelta(hours=2),
        identifier=[identifier("report", f"{chart.who.id}-chest")],
        status="final",
        category=[concept(LOINC, "LP29684-5", "Radiology")],
        code=code,
        subject=chart.subject,
        encounter=reference(visit.key),
        effectiveDateTime=instant(at),
        issued=instant(at + timedelta(hours=2)),
        performer=[practitioner(RADIOLOGIST), reference(HOSPITAL, "St. Elsewhere Health")],
        media=[{"link": reference(picture)}],
        conclusion="Heart and lungs look as they should.",
    )


def _record_device(chart: Chart) -> None:
    slugs = [each.ailment.slug for each in chart.problems]
    code, shown = next((_DEVICES[slug] for slug in slugs if slug in _DEVICES), _THERMOMETER)
    at = chart.visits[1].at
    device = chart.record(
        "Device",
        "device",
        at,
        identifier=[identifier("device", f"{chart.who.id}-1")],
        status="active",
        manufacturer="Tidewater Instruments",
        manufactureDate=f"{at.year - 1}-06-01",
        lotNumber=f"L{at.year}{at.month:02d}",
        serialNumber=f"TW-{sum(map(ord, chart.who.id)):06d}",
        deviceName=[{"name": shown, "type": "user-friendly-name"}],
        type=concept(SNOMED, code, shown),
        patient=chart.subject,
    )
    chart.record(
        "DeviceUseStatement",
        "device-use",
        at,
        status="active",
        subject=chart.subject,
        timingPeriod={"start": at.date().isoformat()},
        recordedOn=instant(at),
        source=practitioner(NURSE),
        device=reference(device, shown),
    )


_DOT: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
