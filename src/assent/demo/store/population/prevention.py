"""Allergies and immunizations.

Codes: SNOMED CT and RxNorm for what is not borne, SNOMED CT for reactions, CVX for vaccines.
"""

from datetime import date, timedelta
from typing import Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import CVX, HL7, RXNORM, SNOMED, concept, instant, reference
from assent.demo.store.population.staff import CLINIC, NURSE, practitioner

# system, code, display, category
_ALLERGENS: Final = (
    (SNOMED, "762952008", "Peanut", "food"),
    (SNOMED, "3718001", "Cow's milk", "food"),
    (SNOMED, "735029006", "Shellfish", "food"),
    (SNOMED, "256277009", "Grass pollen", "environment"),
    (SNOMED, "260147004", "House dust mite", "environment"),
    (SNOMED, "111088007", "Latex", "environment"),
    (RXNORM, "723", "amoxicillin", "medication"),
    (RXNORM, "1191", "aspirin", "medication"),
)
_NO_ALLERGY: Final = (SNOMED, "716186003", "No known allergy")
_REACTIONS: Final = (
    ("247472004", "Wheal", "mild"),
    ("271807003", "Eruption of skin", "moderate"),
    ("39579001", "Anaphylaxis", "severe"),
)

# CVX, display, age in days at which it is due
_CHILDHOOD: Final = (
    ("08", "Hep B, adolescent or pediatric", 20),
    ("20", "DTaP", 60),
    ("10", "IPV", 120),
    ("133", "Pneumococcal conjugate PCV 13", 180),
    ("03", "MMR", 400),
    ("21", "varicella", 420),
    ("83", "Hep A, ped/adol, 2 dose", 730),
    ("165", "HPV9", 12 * 365),
)
_FLU: Final = ("140", "Influenza, split virus, trivalent, PF")
_ADULT: Final = (
    ("115", "Tdap", 19),
    ("187", "zoster recombinant", 50),
    ("33", "pneumococcal polysaccharide PPV23", 65),
)


def record_prevention(chart: Chart) -> None:
    """One or two allergies, or that there are none; the vaccines of the age and the flu shots of the last years."""
    known = chart.chance.sample(_ALLERGENS, k=chart.chance.choice((0, 1, 1, 2)))
    for allergen in known:
        _record_allergy(chart, allergen)
    if not known:
        _record_no_allergy(chart)
    _record_vaccines(chart)


def _record_allergy(chart: Chart, allergen: tuple[str, str, str, str]) -> None:
    system, code, shown, category = allergen
    reaction, manifestation, severity = chart.chance.choice(_REACTIONS)
    visit = chart.visits[0]
    chart.record(
        "AllergyIntolerance",
        "allergy",
        visit.at,
        clinicalStatus=concept(f"{HL7}allergyintolerance-clinical", "active", "Active"),
        verificationStatus=concept(f"{HL7}allergyintolerance-verification", "confirmed", "Confirmed"),
        type="allergy",
        category=[category],
        criticality="high" if severity == "severe" else "low",
        code=concept(system, code, shown),
        patient=chart.subject,
        encounter=reference(visit.key),
        recordedDate=instant(visit.at),
        recorder=practitioner(visit.practitioner),
        asserter=practitioner(visit.practitioner),
        reaction=[{"manifestation": [concept(SNOMED, reaction, manifestation)], "severity": severity}],
    )


def _record_no_allergy(chart: Chart) -> None:
    visit = chart.visits[0]
    chart.record(
        "AllergyIntolerance",
        "allergy",
        visit.at,
        clinicalStatus=concept(f"{HL7}allergyintolerance-clinical", "active", "Active"),
        verificationStatus=concept(f"{HL7}allergyintolerance-verification", "confirmed", "Confirmed"),
        code=concept(*_NO_ALLERGY),
        patient=chart.subject,
        recordedDate=instant(visit.at),
        recorder=practitioner(visit.practitioner),
    )


def _record_vaccines(chart: Chart) -> None:
    born = chart.who.birth_date
    if chart.who.is_child_on(chart.today):
        for code, shown, days in _CHILDHOOD:
            _record_vaccine(chart, code, shown, born + timedelta(days=days))
    for code, shown, years in _ADULT:
        _record_vaccine(chart, code, shown, born + timedelta(days=int(365.25 * years)))
    for years in range(4):
        _record_vaccine(chart, *_FLU, date(chart.today.year - years, 10, 2))


def _record_vaccine(chart: Chart, code: str, shown: str, day: date) -> None:
    if not chart.who.birth_date < day <= chart.today:
        return
    visit = _visit_on(chart, day)
    chart.record(
        "Immunization",
        "vaccine",
        max(visit.at, chart.visits[0].at) if visit else chart.visits[0].at,
        status="completed",
        vaccineCode=concept(CVX, code, shown),
        patient=chart.subject,
        **({"encounter": reference(visit.key)} if visit else {}),
        occurrenceDateTime=day.isoformat(),
        primarySource=visit is not None,
        location=reference(CLINIC, "Port Ellery Clinic"),
        performer=[{"actor": practitioner(NURSE)}],
    )


def _visit_on(chart: Chart, day: date) -> Visit | None:
    return next((visit for visit in chart.visits if visit.at.date() == day), None)
