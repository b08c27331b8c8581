"""Encounters over the last years, and the appointment for the next one."""

from datetime import date, timedelta
from typing import Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import (
    HL7,
    SNOMED,
    V2,
    V3,
    at_hour,
    coding,
    concept,
    identifier,
    instant,
    reference,
)
from assent.demo.store.population.staff import (
    CLINIC,
    EMERGENCY,
    EMERGENCY_DOCTOR,
    HOSPITAL,
    WARD,
    practitioner,
)

YEARS: Final = 6
"""How far back the charts go."""

# kind -> class code and display, SNOMED type and display, place, minutes
KINDS: Final = {
    "check-up": ("AMB", "ambulatory", "185349003", "Encounter for check up", CLINIC, 30),
    "follow-up": ("AMB", "ambulatory", "390906007", "Follow-up encounter", CLINIC, 20),
    "symptom": ("AMB", "ambulatory", "185345009", "Encounter for symptom", CLINIC, 20),
    "emergency": ("EMER", "emergency", "50849002", "Emergency room admission", EMERGENCY, 180),
    "admission": ("IMP", "inpatient encounter", "32485007", "Hospital admission", WARD, 3 * 24 * 60),
}
_ROUND: Final = (
    "check-up",
    "follow-up",
    "symptom",
    "check-up",
    "follow-up",
    "emergency",
    "check-up",
    "symptom",
)


def record_visits(chart: Chart) -> None:
    """Eight to twelve visits of an adult, fewer of a small child, the oldest first; each begins with a check-up."""
    first = max(chart.who.birth_date + timedelta(days=20), date(chart.today.year - YEARS, 2, 1))
    last = chart.today - timedelta(days=chart.chance.randint(5, 60))
    span = (last - first).days
    number = max(4, min(12, span // chart.chance.randint(180, 260)))
    for turn in range(number):
        wobble = chart.chance.randint(-20, 20) if 0 < turn < number - 1 else 0
        day = first + timedelta(days=span * turn // (number - 1) + wobble)
        kind = _ROUND[turn % len(_ROUND)]
        if kind == "emergency" and chart.who.age_on(day) >= 65:
            kind = "admission"
        _record_visit(chart, day, kind)
    _record_appointment(chart)


def _record_visit(chart: Chart, day: date, kind: str) -> None:
    class_code, class_shown, code, shown, place, minutes = KINDS[kind]
    doctor = EMERGENCY_DOCTOR if kind == "emergency" else chart.doctor
    start = at_hour(day, chart.chance.randint(8, 16), chart.chance.choice((0, 15, 30, 45)))
    end = start + timedelta(minutes=minutes)
    left = {"dischargeDisposition": concept(f"{HL7}discharge-disposition", "home", "Home")}
    key = chart.record(
        "Encounter",
        "visit",
        end,
        identifier=[identifier("visit", f"{chart.who.id}-{day.isoformat()}")],
        status="finished",
        **{"class": coding(f"{V3}ActCode", class_code, class_shown)},
        type=[concept(SNOMED, code, shown)],
        subject=chart.subject,
        participant=[
            {
                "type": [concept(f"{V3}ParticipationType", "PPRF", "primary performer")],
                "individual": practitioner(doctor),
            }
        ],
        period={"start": instant(start), "end": instant(end)},
        reasonCode=[{"text": shown}],
        **({"hospitalization": left} if kind == "admission" else {}),
        location=[{"location": reference(place)}],
        serviceProvider=reference(HOSPITAL, "St. Elsewhere Health"),
    )
    chart.visits.append(Visit(key, start, kind, doctor))


def _record_appointment(chart: Chart) -> None:
    start = at_hour(chart.today + timedelta(days=chart.chance.randint(14, 120)), 9)
    chart.record(
        "Appointment",
        "appointment",
        chart.last_visit.at,
        status="booked",
        appointmentType=concept(f"{V2}0276", "CHECKUP", "A routine check-up, such as an annual physical"),
        start=instant(start),
        end=instant(start + timedelta(minutes=30)),
        participant=[
            {"actor": chart.subject, "status": "accepted"},
            {"actor": practitioner(chart.doctor), "status": "accepted"},
            {"actor": reference(CLINIC, "Port Ellery Clinic"), "status": "accepted"},
        ],
    )
