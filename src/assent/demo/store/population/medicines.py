"""Medicines: what there is, what was ordered, given out, taken and given on the spot."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from assent.demo.store.population.ailments import DRUGS, Drug
from assent.demo.store.population.chart import Chart, Problem
from assent.demo.store.population.elements import (
    HL7,
    RXNORM,
    SNOMED,
    concept,
    identifier,
    instant,
    reference,
)
from assent.demo.store.population.staff import NURSE, PHARMACIST, PHARMACY, practitioner
from assent.demo.store.wire import Json

_OUTPATIENT: Final = concept(f"{HL7}medicationrequest-category", "outpatient", "Outpatient")
_COMMUNITY: Final = concept(f"{HL7}medicationrequest-category", "community", "Community")
_SUPPLY_DAYS: Final = 30
_PAINKILLER: Final = "acetaminophen"


def medications() -> Iterator[Json]:
    """The formulary: a Medication for each medicine."""
    for drug in DRUGS.values():
        yield {
            "resourceType": "Medication",
            "id": drug.slug,
            "meta": {"lastUpdated": "2019-01-02T08:00:00Z"},
            "code": concept(RXNORM, drug.rxnorm, drug.display),
            "status": "active",
            "form": concept(SNOMED, *drug.form),
        }


def record_medicines(chart: Chart) -> None:
    """An order, dispenses and the patient's own word for each treated problem, and one dose given at a visit."""
    for problem in chart.problems:
        if problem.ailment.drug:
            _record_treatment(chart, problem, DRUGS[problem.ailment.drug])
    _record_dose(chart, DRUGS[_PAINKILLER])


def _record_treatment(chart: Chart, problem: Problem, drug: Drug) -> None:
    at, is_over = problem.visit.at, problem.is_over
    dosage = [
        {
            "text": drug.dosage,
            "timing": {"repeat": {"frequency": drug.per_day, "period": 1, "periodUnit": "d"}},
        }
    ]
    # a lasting medicine refers to the formulary, one for some days says itself what it is: both forms occur in the wild
    medicine: Json = {"medicationReference": reference(f"Medication/{drug.slug}", drug.display)}
    if problem.ailment.is_passing:
        medicine = {"medicationCodeableConcept": concept(RXNORM, drug.rxnorm, drug.display)}
    order = chart.record(
        "MedicationRequest",
        f"{drug.slug}-order",
        at,
        identifier=[identifier("prescription", f"{chart.who.id}-{drug.slug}-{at.date().isoformat()}")],
        status="completed" if is_over else "active",
        intent="order",
        category=[_OUTPATIENT if problem.ailment.is_passing else _COMMUNITY],
        **medicine,
        subject=chart.subject,
        encounter=reference(problem.visit.key),
        authoredOn=instant(at),
        requester=practitioner(problem.visit.practitioner),
        reasonReference=[reference(problem.key, problem.ailment.display)],
        dosageInstruction=dosage,
        dispenseRequest={
            "numberOfRepeatsAllowed": 0 if problem.ailment.is_passing else 5,
            "expectedSupplyDuration": _days(_SUPPLY_DAYS),
        },
    )
    for turn in range(1 if problem.ailment.is_passing else 3):
        _record_dispense(chart, drug, medicine, order, problem, turn)
    chart.record(
        "MedicationStatement",
        f"{drug.slug}-use",
        at + timedelta(days=1),
        basedOn=[reference(order)],
        status="completed" if is_over else "active",
        **medicine,
        subject=chart.subject,
        effectivePeriod={"start": at.date().isoformat()},
        dateAsserted=instant(at + timedelta(days=1)),
        informationSource=chart.subject,
        reasonReference=[reference(problem.key, problem.ailment.display)],
        dosage=[{"text": drug.dosage}],
    )


def _record_dispense(
    chart: Chart, drug: Drug, medicine: Json, order: str, problem: Problem, turn: int
) -> None:
    handed = problem.visit.at + timedelta(days=_SUPPLY_DAYS * turn, hours=5)
    chart.record(
        "MedicationDispense",
        f"{drug.slug}-dispense",
        handed,
        status="completed",
        **medicine,
        subject=chart.subject,
        context=reference(problem.visit.key),
        performer=[
            {"actor": practitioner(PHARMACIST)},
            {"actor": reference(PHARMACY, "Lantern Pharmacy")},
        ],
        authorizingPrescription=[reference(order)],
        type=concept(
            f"{HL7}v3-ActCode",
            "RFP" if turn else "FFC",
            "Refill - Part Fill" if turn else "First Fill - Complete",
        ),
        daysSupply=_days(_SUPPLY_DAYS),
        whenHandedOver=instant(handed),
        dosageInstruction=[{"text": drug.dosage}],
    )


def _record_dose(chart: Chart, drug: Drug) -> None:
    visit = next((each for each in chart.visits if each.kind in ("symptom", "emergency")), chart.last_visit)
    chart.record(
        "MedicationAdministration",
        "dose",
        visit.at + timedelta(minutes=10),
        status="completed",
        medicationCodeableConcept=concept(RXNORM, drug.rxnorm, drug.display),
        subject=chart.subject,
        context=reference(visit.key),
        effectiveDateTime=instant(visit.at + timedelta(minutes=10)),
        performer=[{"actor": practitioner(NURSE)}],
        dosage={"text": "one tablet by mouth", "dose": {"value": 1, "unit": "tablet"}},
    )


def _days(number: int) -> dict[str, Any]:
    return {"value": number, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
