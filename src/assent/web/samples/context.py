"""The choice of a record or a visit."""

from typing import Any

from assent.web.samples.made_up import CHART, FORM, SITE
from assent.web.views import EncounterView, PageView, RecordView


def context(**given: Any) -> dict[str, Any]:
    """The choice of a patient; a clinician's unless `given` says otherwise."""
    return {
        **FORM,
        "page": PageView(SITE, "Dr. Hana Lee"),
        "app": CHART,
        "problem": None,
        "search": None,
        "records": (),
        "patient": None,
        "encounters": (),
        **given,
    }


def family() -> tuple[RecordView, ...]:
    """A parent's choice."""
    return (
        RecordView("jonas", "Jonas Weber", "2 January 1985", relation="you"),
        RecordView("leo", "Leo Weber", "4 June 2018", relation="your son"),
        RecordView("mia", "Mia Weber", "30 November 2021", relation="your daughter"),
    )


def found() -> tuple[RecordView, ...]:
    """A clinician's choice; two of one name, and one that is written from right to left."""
    return (
        RecordView("p1", "Anna Weber", "23 April 1958", "female", "MRN 100 482"),
        RecordView("p2", "Anna Weber", "11 March 1991", "female", "MRN 100 977"),
        RecordView("p3", "ليلى فيبر", "June 2001", "female", "MRN 101 310"),
        RecordView("p4", "Maximilian-Alexander von Weber-Oberkirchhausen", None, "male", "MRN 102 004"),
    )


def visits() -> tuple[EncounterView, ...]:
    """Visits of one patient."""
    return (
        EncounterView("e1", "Heart clinic, Dr. Lee", "today, 10:30", is_chosen=True),
        EncounterView("e2", "Emergency room", "3 March 2026"),
    )
