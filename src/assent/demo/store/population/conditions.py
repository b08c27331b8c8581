"""Conditions: what lasts, what passed, and what weighs on a life; and the list of problems.

Source: the three categories are US Core's: problem-list-item, encounter-diagnosis, health-concern.
"""

from datetime import timedelta
from typing import Final

from assent.demo.store.population.ailments import CONCERNS, GIVEN, LASTING, PASSING, Ailment
from assent.demo.store.population.chart import Chart, Problem, Visit
from assent.demo.store.population.elements import (
    HL7,
    ICD10,
    LOINC,
    SNOMED,
    US_CORE,
    coding,
    concept,
    instant,
    reference,
)
from assent.demo.store.population.staff import practitioner
from assent.demo.store.wire import Json

_PROBLEM: Final = concept(f"{HL7}condition-category", "problem-list-item", "Problem List Item")
_DIAGNOSIS: Final = concept(f"{HL7}condition-category", "encounter-diagnosis", "Encounter Diagnosis")
_CONCERN: Final = concept(f"{US_CORE}CodeSystem/condition-category", "health-concern", "Health Concern")
_RELATIVE_AILMENTS: Final = ("hypertension", "diabetes", "osteoarthritis")


def record_conditions(chart: Chart) -> None:
    """One to three lasting problems, two that passed, one concern, and the list of the lasting ones."""
    for ailment in _lasting(chart):
        visit = chart.visits[chart.chance.randrange(2)]
        _record(chart, ailment, visit, _PROBLEM)
    for ailment in chart.chance.sample(_fitting(chart, PASSING), k=2):
        visit = chart.chance.choice(chart.visits[1:])
        _record(chart, ailment, visit, _DIAGNOSIS)
    _record(chart, chart.chance.choice(_fitting(chart, CONCERNS)), chart.last_visit, _CONCERN)
    _record_list(chart)
    _record_family_history(chart)


def _lasting(chart: Chart) -> list[Ailment]:
    named = [each for each in LASTING if each.slug in GIVEN.get(chart.who.id, ())]
    fitting = _fitting(chart, LASTING)
    return named or chart.chance.sample(fitting, k=min(len(fitting), chart.chance.randint(1, 3)))


def _fitting(chart: Chart, ailments: tuple[Ailment, ...]) -> list[Ailment]:
    age = chart.who.age_on(chart.today)
    return [each for each in ailments if each.ages[0] <= age <= each.ages[1]]


def _record(chart: Chart, ailment: Ailment, visit: Visit, category: Json) -> None:
    end = visit.at + timedelta(days=chart.chance.randint(6, 20))
    is_over = ailment.is_passing and end.date() < chart.today
    status = ("resolved", "Resolved") if is_over else ("active", "Active")
    ended = {"abatementDateTime": end.date().isoformat()} if is_over else {}
    key = chart.record(
        "Condition",
        ailment.slug,
        end if is_over else visit.at,
        clinicalStatus=concept(f"{HL7}condition-clinical", *status),
        verificationStatus=concept(f"{HL7}condition-ver-status", "confirmed", "Confirmed"),
        category=[category],
        code={
            "coding": [
                coding(SNOMED, ailment.snomed, ailment.display),
                coding(ICD10, ailment.icd10),
            ],
            "text": ailment.display,
        },
        subject=chart.subject,
        encounter=reference(visit.key),
        onsetDateTime=visit.at.date().isoformat(),
        **ended,
        recordedDate=instant(visit.at),
        recorder=practitioner(visit.practitioner),
        asserter=practitioner(visit.practitioner),
    )
    if is_over:
        active = concept(f"{HL7}condition-clinical", "active", "Active")
        chart.note_earlier(visit.at, clinicalStatus=active, abatementDateTime=None)
    chart.problems.append(Problem(key, ailment, visit, is_over))


def _record_list(chart: Chart) -> None:
    lasting = [each for each in chart.problems if not each.ailment.is_passing]
    chart.record(
        "List",
        "problem-list",
        chart.last_visit.at,
        status="current",
        mode="working",
        title="Problems",
        code=concept(LOINC, "11450-4", "Problem list - Reported"),
        subject=chart.subject,
        date=instant(chart.last_visit.at),
        source=practitioner(chart.doctor),
        entry=[{"item": reference(each.key, each.ailment.display)} for each in lasting],
    )


def _record_family_history(chart: Chart) -> None:
    slug = chart.chance.choice(_RELATIVE_AILMENTS)
    ailment = next(each for each in LASTING if each.slug == slug)
    chart.record(
        "FamilyMemberHistory",
        "family-history",
        chart.visits[0].at,
        status="completed",
        patient=chart.subject,
        date=instant(chart.visits[0].at),
        relationship=concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "GRPRN", "grandparent"),
        condition=[{"code": concept(SNOMED, ailment.snomed, ailment.display)}],
    )
