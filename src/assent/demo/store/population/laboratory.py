"""Laboratory: orders, specimens, results and reports; once a year, at the check-ups.

Codes: LOINC for panels and tests, SNOMED CT for specimens; units UCUM.
"""

from datetime import timedelta
from typing import Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    SNOMED,
    V2,
    V3,
    concept,
    identifier,
    instant,
    quantity,
    reference,
)
from assent.demo.store.population.staff import LABORATORY, practitioner
from assent.demo.store.wire import Json

CATEGORY: Final = [concept(f"{HL7}observation-category", "laboratory", "Laboratory")]
_REPORT_CATEGORY: Final = [concept(f"{V2}0074", "LAB", "Laboratory")]
_ORDER_CATEGORY: Final = [concept(SNOMED, "108252007", "Laboratory procedure")]
_BLOOD: Final = concept(SNOMED, "119297000", "Blood specimen")
_DRAWN_FROM: Final = concept(SNOMED, "368208006", "Left upper arm structure")

Test = tuple[str, str, str, float, float]
"""LOINC, display, unit, and the reference range: low, high."""

# slug, LOINC, display, for children too, tests
_PANELS: Final[tuple[tuple[str, str, str, bool, tuple[Test, ...]], ...]] = (
    (
        *("blood-count", "58410-2", "CBC panel - Blood by Automated count", True),
        (
            ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 11.5, 16.5),
            ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.0, 11.0),
            ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150.0, 400.0),
        ),
    ),
    (
        *("metabolic", "24321-2", "Basic metabolic 2000 panel - Serum or Plasma", True),
        (
            ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70.0, 105.0),
            ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.5, 1.2),
            ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 135.0, 145.0),
            ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.1),
        ),
    ),
    (
        *("lipids", "24331-1", "Lipid 1996 panel - Serum or Plasma", False),
        (
            ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 125.0, 200.0),
            ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 40.0, 80.0),
            (
                "13457-7",
                "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation",
                "mg/dL",
                50.0,
                130.0,
            ),
            ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 40.0, 150.0),
        ),
    ),
    (
        *("long-term-sugar", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", False),
        (("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4.0, 5.7),),
    ),
)


def record_laboratory(chart: Chart) -> None:
    """The panels that fit the age, at every check-up."""
    for visit in chart.visits:
        if visit.kind == "check-up":
            _record_draw(chart, visit)


def _record_draw(chart: Chart, visit: Visit) -> None:
    is_child = chart.who.is_child_on(visit.at.date())
    panels = [panel for panel in _PANELS if panel[3] or not is_child]
    drawn, resulted = visit.at + timedelta(minutes=20), visit.at + timedelta(hours=20)
    order = chart.record(
        "ServiceRequest",
        "blood-test-order",
        visit.at,
        identifier=[identifier("order", f"{chart.who.id}-{visit.at.date().isoformat()}")],
        status="completed",
        intent="order",
        category=_ORDER_CATEGORY,
        code=concept(LOINC, panels[0][1], panels[0][2]),
        subject=chart.subject,
        encounter=reference(visit.key),
        occurrenceDateTime=instant(drawn),
        authoredOn=instant(visit.at),
        requester=practitioner(visit.practitioner),
        performer=[reference(LABORATORY, "Harbour Laboratory")],
    )
    specimen = chart.record(
        "Specimen",
        "specimen",
        drawn,
        accessionIdentifier=identifier("specimen", f"{chart.who.id}-{visit.at.date().isoformat()}"),
        status="available",
        type=_BLOOD,
        subject=chart.subject,
        receivedTime=instant(drawn + timedelta(hours=2)),
        request=[reference(order)],
        collection={"collectedDateTime": instant(drawn), "bodySite": _DRAWN_FROM},
    )
    for slug, code, shown, _, tests in panels:
        common: Json = {
            "subject": chart.subject,
            "basedOn": [reference(order)],
            "encounter": reference(visit.key),
            "effectiveDateTime": instant(drawn),
            "issued": instant(resulted),
            "performer": [reference(LABORATORY, "Harbour Laboratory")],
        }
        results = [
            chart.record(
                "Observation",
                slug,
                resulted,
                status="final",
                category=CATEGORY,
                **common,
                specimen=reference(specimen),
                **_result(chart, test),
            )
            for test in tests
        ]
        chart.record(
            "DiagnosticReport",
            f"{slug}-report",
            resulted,
            status="final",
            category=_REPORT_CATEGORY,
            code=concept(LOINC, code, shown),
            **common,
            specimen=[reference(specimen)],
            result=[reference(key) for key in results],
        )


def _result(chart: Chart, test: Test) -> Json:
    code, shown, unit, low, high = test
    middle, spread = (low + high) / 2, (high - low) / 2
    digits = 2 if high < 3 else 1 if high < 20 else 0
    value = round(middle + chart.chance.uniform(-1.15, 1.15) * spread, digits)
    flag = ("L", "Low") if value < low else ("H", "High") if value > high else ("N", "Normal")
    return {
        "code": concept(LOINC, code, shown),
        "valueQuantity": quantity(value, unit),
        "interpretation": [concept(f"{V3}ObservationInterpretation", *flag)],
        "referenceRange": [{"low": quantity(low, unit), "high": quantity(high, unit)}],
    }
