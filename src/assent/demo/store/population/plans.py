"""Care: the team, the goals, the plan, a referral, a task, and what may be told to whom."""

from datetime import date, timedelta
from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    SNOMED,
    US_CORE,
    V3,
    at_hour,
    concept,
    instant,
    narrative,
    quantity,
    reference,
)
from assent.demo.store.population.staff import HOSPITAL, NURSE, practitioner

_PLAN_CATEGORY: Final = [
    concept(f"{US_CORE}CodeSystem/careplan-category", "assess-plan", "Assessment and Plan of Treatment")
]
_REFERRAL: Final = concept(SNOMED, "306206005", "Referral to service")
_DOCTOR_ROLE: Final = concept(SNOMED, "446050000", "Primary care provider")
_NURSE_ROLE: Final = concept(SNOMED, "106292003", "Professional nurse")
_PATIENT_ROLE: Final = concept(SNOMED, "116154003", "Patient")


def record_plans(chart: Chart) -> None:
    """A team, a goal and a plan for each lasting problem, a referral, a task, a consent, a message."""
    start = chart.visits[0].at
    team = chart.record(
        "CareTeam",
        "care-team",
        start,
        status="active",
        name=f"Care team of {chart.who.name}",
        subject=chart.subject,
        participant=[
            {"role": [_DOCTOR_ROLE], "member": practitioner(chart.doctor)},
            {"role": [_NURSE_ROLE], "member": practitioner(NURSE)},
            {"role": [_PATIENT_ROLE], "member": chart.subject},
        ],
        managingOrganization=[reference(HOSPITAL, "St. Elsewhere Health")],
    )
    lasting = [each for each in chart.problems if each.ailment.drug and not each.ailment.is_passing]
    for problem in lasting:
        goal = chart.record(
            "Goal",
            "goal",
            problem.visit.at,
            lifecycleStatus="active",
            achievementStatus=concept(f"{HL7}goal-achievement", "in-progress", "In Progress"),
            description={"text": f"Live well with: {problem.ailment.display}"},
            subject=chart.subject,
            startDate=problem.visit.at.date().isoformat(),
            target=[
                {
                    "measure": concept(LOINC, "29463-7", "Body weight"),
                    "detailQuantity": quantity(70, "kg"),
                    "dueDate": (chart.today + timedelta(days=180)).isoformat(),
                }
            ],
            expressedBy=practitioner(chart.doctor),
            addresses=[reference(problem.key, problem.ailment.display)],
        )
        chart.record(
            "CarePlan",
            "care-plan",
            problem.visit.at,
            text=narrative(f"Plan for {problem.ailment.display}"),
            status="active",
            intent="plan",
            category=_PLAN_CATEGORY,
            title=f"Plan for {problem.ailment.display}",
            subject=chart.subject,
            encounter=reference(problem.visit.key),
            period={"start": problem.visit.at.date().isoformat()},
            created=instant(problem.visit.at),
            author=practitioner(chart.doctor),
            careTeam=[reference(team)],
            addresses=[reference(problem.key, problem.ailment.display)],
            goal=[reference(goal)],
        )
    _record_referral(chart)
    _record_consent(chart)
    _record_message(chart)


def _record_referral(chart: Chart) -> None:
    visit = chart.last_visit
    order = chart.record(
        "ServiceRequest",
        "referral",
        visit.at,
        status="active",
        intent="order",
        category=[concept(SNOMED, "409063005", "Counselling")],
        code=_REFERRAL,
        subject=chart.subject,
        encounter=reference(visit.key),
        occurrenceDateTime=(visit.at.date() + timedelta(days=30)).isoformat(),
        authoredOn=instant(visit.at),
        requester=practitioner(chart.doctor),
        reasonReference=[reference(chart.problems[-1].key, chart.problems[-1].ailment.display)],
    )
    chart.record(
        "Task",
        "task",
        visit.at,
        status="requested",
        intent="order",
        description="Call to arrange the referral",
        focus=reference(order),
        **{"for": chart.subject},
        authoredOn=instant(visit.at),
        requester=practitioner(chart.doctor),
        owner=practitioner(NURSE),
    )


def _record_consent(chart: Chart) -> None:
    at = at_hour(date(chart.visits[0].at.year, chart.visits[0].at.month, chart.visits[0].at.day), 17)
    guardians = chart.guardians()
    signer = reference(guardians[0].key, guardians[0].name) if guardians else chart.subject
    chart.record(
        "Consent",
        "consent",
        at,
        status="active",
        scope=concept(f"{HL7}consentscope", "patient-privacy", "Privacy Consent"),
        category=[concept(LOINC, "59284-0", "Patient Consent")],
        patient=chart.subject,
        dateTime=instant(at),
        performer=[signer],
        organization=[reference(HOSPITAL, "St. Elsewhere Health")],
        policyRule=concept(f"{V3}ActCode", "OPTIN", "opt-in"),
    )


def _record_message(chart: Chart) -> None:
    at = chart.last_visit.at + timedelta(days=1)
    guardians = chart.guardians()
    sender = reference(guardians[0].key, guardians[0].name) if guardians else chart.subject
    chart.record(
        "Communication",
        "message",
        at,
        status="completed",
        category=[concept(f"{HL7}communication-category", "notification", "Notification")],
        subject=chart.subject,
        sent=instant(at),
        recipient=[practitioner(chart.doctor)],
        sender=sender,
        payload=[{"contentString": "Thank you for the visit. May we have the results by post?"}],
    )
