"""Vital signs at every visit, and blood pressure measured at home by those who have to.

Codes: LOINC, as in the FHIR vital signs profiles (https://hl7.org/fhir/R4/observation-vitalsigns.html); units UCUM.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    at_hour,
    concept,
    instant,
    quantity,
    reference,
)
from assent.demo.store.population.staff import NURSE, practitioner

CATEGORY: Final = [concept(f"{HL7}observation-category", "vital-signs", "Vital Signs")]

_PRESSURE: Final = concept(LOINC, "85354-9", "Blood pressure panel with all children optional")
_SYSTOLIC: Final = concept(LOINC, "8480-6", "Systolic blood pressure")
_DIASTOLIC: Final = concept(LOINC, "8462-4", "Diastolic blood pressure")

# slug -> LOINC, display, unit, UCUM code
_MEASURES: Final = {
    "heart-rate": ("8867-4", "Heart rate", "beats/minute", "/min"),
    "respiratory-rate": ("9279-1", "Respiratory rate", "breaths/minute", "/min"),
    "temperature": ("8310-5", "Body temperature", "Cel", "Cel"),
    "oxygen": ("2708-6", "Oxygen saturation in Arterial blood", "%", "%"),
    "height": ("8302-2", "Body height", "cm", "cm"),
    "weight": ("29463-7", "Body weight", "kg", "kg"),
    "bmi": ("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", "kg/m2"),
}
_CODES: Final = {slug: concept(LOINC, code, shown) for slug, (code, shown, _, _) in _MEASURES.items()}

# age in years, height in cm, weight in kg: the middle of the growth charts
_GROWTH: Final = (
    *((0.0, 50.0, 3.5), (1.0, 75.0, 9.8), (2.0, 87.0, 12.5), (4.0, 102.0, 16.5), (6.0, 115.0, 21.0)),
    *((8.0, 128.0, 26.0), (10.0, 138.0, 33.0), (12.0, 150.0, 41.0), (14.0, 161.0, 50.0)),
    *((16.0, 167.0, 58.0), (18.0, 170.0, 64.0)),
)
_HOME_MONTHS: Final = 24


def record_vitals(chart: Chart) -> None:
    """Eight measures a visit; a year and more of monthly readings at home for those with hypertension."""
    chance = chart.chance
    size, build, pulse = chance.uniform(0.95, 1.05), chance.uniform(0.9, 1.25), chance.randint(-6, 8)
    strain = 16 if any(each.ailment.slug == "hypertension" for each in chart.problems) else 0
    for turn, visit in enumerate(chart.visits):
        age = (visit.at.date() - chart.who.birth_date).days / 365.25
        height, weight = _grown(age)
        height, weight = round(height * size, 1), round(weight * build + turn * 0.2, 1)
        fever = 1.6 if visit.kind == "symptom" and chance.random() < 0.5 else 0.0
        values: dict[str, float] = {
            "heart-rate": round(112 - 2.2 * min(age, 18.0) + pulse + chance.randint(-5, 5) + 10 * fever),
            "respiratory-rate": round(28 - 0.75 * min(age, 17.0) + chance.randint(-1, 2)),
            "temperature": round(36.6 + fever + chance.uniform(-0.3, 0.4), 1),
            "oxygen": chance.randint(95, 99),
            "height": height,
            "weight": weight,
            "bmi": round(weight / (height / 100) ** 2, 1),
        }
        for slug, value in values.items():
            _, _, unit, code = _MEASURES[slug]
            _record(chart, slug, visit, code=_CODES[slug], valueQuantity=quantity(value, unit, code))
        if age >= 3:  # younger children are not measured as a rule
            _record_pressure(chart, "blood-pressure", visit.at, age, max(strain - turn, 0), _at(visit))
    if strain:
        _record_home_readings(chart, strain)


def _at(visit: Visit) -> dict[str, Any]:
    return {"encounter": reference(visit.key), "performer": [practitioner(NURSE)]}


def _record(chart: Chart, slug: str, visit: Visit, **elements: Any) -> None:
    chart.record(
        "Observation",
        slug,
        visit.at,
        status="final",
        category=CATEGORY,
        subject=chart.subject,
        effectiveDateTime=instant(visit.at),
        **_at(visit),
        **elements,
    )


def _record_pressure(
    chart: Chart, slug: str, at: datetime, age: float, strain: int, who: dict[str, Any]
) -> None:
    systolic = round(
        88 + 1.9 * min(age, 16.0) + 0.16 * max(age - 16, 0) + strain + chart.chance.randint(-6, 6)
    )
    diastolic = round(systolic * 0.64 + chart.chance.randint(-3, 3))
    chart.record(
        "Observation",
        slug,
        at,
        status="final",
        category=CATEGORY,
        code=_PRESSURE,
        subject=chart.subject,
        effectiveDateTime=instant(at),
        component=[
            {"code": _SYSTOLIC, "valueQuantity": quantity(systolic, "mm[Hg]")},
            {"code": _DIASTOLIC, "valueQuantity": quantity(diastolic, "mm[Hg]")},
        ],
        **who,
    )


def _record_home_readings(chart: Chart, strain: int) -> None:
    age = float(chart.who.age_on(chart.today))
    by_herself = {"performer": [chart.subject]}
    for month in range(_HOME_MONTHS, 0, -1):
        at = at_hour(chart.today - timedelta(days=30 * month - 3), 7, 30)
        easing = strain * month // _HOME_MONTHS
        _record_pressure(chart, "home-pressure", at, age, easing, by_herself)


def _grown(age: float) -> tuple[float, float]:
    """Height and weight at an age."""
    for (age_0, height_0, weight_0), (age_1, height_1, weight_1) in pairwise(_GROWTH):
        if age <= age_1:
            share = (age - age_0) / (age_1 - age_0)
            return height_0 + share * (height_1 - height_0), weight_0 + share * (weight_1 - weight_0)
    return _GROWTH[-1][1], _GROWTH[-1][2]
