"""Resources that touch more than one patient, on purpose.

In real stores compartments overlap: a mother writes about her child, a list names somebody else's results, an entry was
filed under the wrong person and put right. What enforcement lets slip shows here.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    SNOMED,
    at_hour,
    concept,
    instant,
    quantity,
    reference,
)
from assent.demo.store.population.landmarks import (
    AMY,
    CHIDI,
    JONAS_FOR_LEO,
    LEO,
    MIA,
    MISFILED,
    NORA,
)
from assent.demo.store.population.staff import HOSPITAL, PEDIATRICIAN, practitioner
from assent.demo.store.population.vitals import CATEGORY
from assent.demo.store.wire import Json

_HEART_RATE: Final = concept(LOINC, "8867-4", "Heart rate")


def crossings(today: date) -> Iterator[Json]:
    """Resources in or beside the compartments of several patients of the households Okafor and Weber."""
    at = at_hour(today - timedelta(days=21), 11)
    stamp = {"lastUpdated": instant(at)}
    yield misfiled(today, AMY, days=20)
    yield {  # two members, so in two compartments
        "resourceType": "Group",
        "id": "asthma-programme",
        "meta": stamp,
        "type": "person",
        "actual": True,
        "name": "Breathing well: the asthma programme",
        "managingEntity": reference(HOSPITAL, "St. Elsewhere Health"),
        "member": [{"entity": reference(key)} for key in (LEO, CHIDI)],
    }
    yield {  # about Mia, performed by her mother: in both compartments
        "resourceType": "Observation",
        "id": "mia-temperature-by-nora",
        "meta": stamp,
        "status": "final",
        "category": CATEGORY,
        "code": concept(LOINC, "8310-5", "Body temperature"),
        "subject": reference(MIA, "Mia Weber"),
        "effectiveDateTime": instant(at),
        "performer": [reference(NORA, "Nora Weber")],
        "valueQuantity": quantity(38.4, "Cel"),
    }
    yield {  # Nora's, with Leo in focus: not in Leo's compartment, yet it names him
        "resourceType": "Observation",
        "id": "nora-worry-about-leo",
        "meta": stamp,
        "status": "final",
        "category": [concept(f"{HL7}observation-category", "social-history", "Social History")],
        "code": {"text": "Worry about a relative"},
        "subject": reference(NORA, "Nora Weber"),
        "focus": [reference(LEO, "Leo Weber")],
        "effectiveDateTime": instant(at),
        "valueString": "Leo coughs at night",
    }
    yield {  # two patients and a guardian at one appointment
        "resourceType": "Appointment",
        "id": "siblings-together",
        "meta": stamp,
        "status": "booked",
        "start": instant(at_hour(today + timedelta(days=30), 15)),
        "end": instant(at_hour(today + timedelta(days=30), 16)),
        "participant": [
            {"actor": reference(key), "status": "accepted"} for key in (LEO, MIA, JONAS_FOR_LEO, PEDIATRICIAN)
        ],
    }
    yield {  # Amy's, written by her husband: in both compartments
        "resourceType": "DocumentReference",
        "id": "amy-diary-by-chidi",
        "meta": stamp,
        "status": "current",
        "type": concept(LOINC, "51855-5", "Patient Note"),
        "subject": reference(AMY, "Amy Okafor"),
        "date": instant(at),
        "author": [reference(CHIDI, "Chidi Okafor")],
        "content": [{"attachment": {"contentType": "text/plain", "data": "U2xlcHQgYmFkbHkgYWdhaW4u"}}],
    }
    yield {  # Amy's list of a result of her husband's
        "resourceType": "List",
        "id": "amy-family-results",
        "meta": stamp,
        "status": "current",
        "mode": "working",
        "title": "Our family's results",
        "subject": reference(AMY, "Amy Okafor"),
        "source": reference(AMY, "Amy Okafor"),
        "entry": [{"item": reference(f"Observation/{owner}-heart-rate-1")} for owner in ("amy", "chidi")],
    }
    yield {  # one Provenance of two patients' results
        "resourceType": "Provenance",
        "id": "okafor-home-device",
        "meta": stamp,
        "target": [reference(f"Observation/{owner}-heart-rate-1") for owner in ("amy", "chidi")],
        "recorded": instant(at),
        "agent": [{"who": practitioner(PEDIATRICIAN)}],
    }
    yield {  # the medicine is inside, the asthma it is for is Leo's, the requester his mother's doctor
        "resourceType": "MedicationRequest",
        "id": "leo-school-inhaler",
        "meta": stamp,
        "contained": [
            {
                "resourceType": "Medication",
                "id": "inhaler",
                "code": {"text": "Inhaler to be kept at school"},
            }
        ],
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "#inhaler"},
        "subject": reference(LEO, "Leo Weber"),
        "authoredOn": instant(at),
        "requester": practitioner(PEDIATRICIAN),
        "dosageInstruction": [{"text": "as on the school plan", "asNeededBoolean": True}],
        "reasonCode": [concept(SNOMED, "195967001", "Asthma")],
    }


def misfiled(today: date, patient: str, *, days: int) -> Json:
    """The entry that was filed under another patient at first; written `days` before today."""
    taken = at_hour(today - timedelta(days=23), 8)
    return {
        "resourceType": "Observation",
        "id": MISFILED.partition("/")[2],
        "meta": {"lastUpdated": instant(at_hour(today - timedelta(days=days), 10))},
        "status": "amended" if patient == AMY else "final",
        "category": CATEGORY,
        "code": _HEART_RATE,
        "subject": reference(patient),
        "effectiveDateTime": instant(taken),
        "valueQuantity": quantity(71, "beats/minute", "/min"),
    }
