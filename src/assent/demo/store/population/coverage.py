"""Who pays: the coverage and the bills of the visits. A child is covered through a parent."""

from datetime import timedelta
from typing import Final

from assent.demo.store.population.chart import Chart, Visit
from assent.demo.store.population.elements import (
    HL7,
    V2,
    V3,
    concept,
    identifier,
    instant,
    reference,
)
from assent.demo.store.population.staff import HOSPITAL, PAYER, practitioner
from assent.demo.store.wire import Json

_PLAN: Final = "Seaboard Family Choice"


def record_coverage(chart: Chart) -> None:
    """The coverage, and an explanation of benefit for the last three visits."""
    guardians = chart.guardians()
    holder = reference(guardians[0].key, guardians[0].name) if guardians else chart.subject
    code, shown = ("child", "Child") if guardians else ("self", "Self")
    start = chart.visits[0].at
    member = f"SB{sum(map(ord, chart.who.household.family)):05d}"
    coverage = chart.record(
        "Coverage",
        "coverage",
        start,
        identifier=[
            {"type": concept(f"{V2}0203", "MB", "Member Number"), **identifier("member", member)},
        ],
        status="active",
        type=concept(f"{V3}ActCode", "EHCPOL", "extended healthcare"),
        policyHolder=holder,
        subscriber=holder,
        subscriberId=member,
        beneficiary=chart.subject,
        relationship=concept(f"{HL7}subscriber-relationship", code, shown),
        period={"start": f"{start.year}-01-01"},
        payor=[reference(PAYER, "Seaboard Health Plan")],
        **{
            "class": [
                {"type": concept(f"{HL7}coverage-class", "plan", "Plan"), "value": "SB-FC", "name": _PLAN}
            ]
        },
    )
    for visit in chart.visits[-3:]:
        _record_bill(chart, visit, coverage)


def _record_bill(chart: Chart, visit: Visit, coverage: str) -> None:
    at = visit.at + timedelta(days=10)
    price = {"check-up": 180, "emergency": 940, "admission": 4200}.get(visit.kind, 120)
    kind = "institutional" if visit.kind == "admission" else "professional"
    chart.record(
        "ExplanationOfBenefit",
        "bill",
        at,
        identifier=[identifier("claim", f"{chart.who.id}-{visit.at.date().isoformat()}")],
        status="active",
        type=concept(f"{HL7}claim-type", kind, kind.capitalize()),
        use="claim",
        patient=chart.subject,
        billablePeriod={"start": visit.at.date().isoformat(), "end": visit.at.date().isoformat()},
        created=instant(at),
        insurer=reference(PAYER, "Seaboard Health Plan"),
        provider=reference(HOSPITAL, "St. Elsewhere Health"),
        outcome="complete",
        careTeam=[{"sequence": 1, "provider": practitioner(visit.practitioner)}],
        insurance=[{"focal": True, "coverage": reference(coverage)}],
        item=[
            {
                "sequence": 1,
                "productOrService": {"text": visit.kind},
                "encounter": [reference(visit.key)],
                "net": _dollars(price),
            }
        ],
        total=[
            {
                "category": concept(f"{HL7}adjudication", "submitted", "Submitted Amount"),
                "amount": _dollars(price),
            }
        ],
    )


def _dollars(amount: int) -> Json:
    return {"value": amount, "currency": "USD"}
