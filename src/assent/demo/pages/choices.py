"""FHIR resources as lines of the mock EHR, for whoever hands it its patients and visits.

Source: FHIR R4 Patient and Encounter.
"""

from collections.abc import Mapping
from typing import Any

from assent.demo.pages.site import EncounterChoice, PatientChoice


def patient_choice(patient: Mapping[str, Any]) -> PatientChoice:
    """A Patient as a line of the list."""
    names = patient.get("name") or [{}]
    name = next((each for each in names if each.get("use") == "official"), names[0])
    words = [*name.get("given", []), name.get("family", "")]
    return PatientChoice(
        id=patient["id"],
        name=name.get("text") or " ".join(filter(None, words)) or "(no name)",
        birth_date=patient.get("birthDate", "unknown"),
        gender=patient.get("gender", "unknown"),
    )


def encounter_choice(encounter: Mapping[str, Any]) -> EncounterChoice:
    """An Encounter as a visit to choose."""
    types = encounter.get("type") or [{}]
    codings = types[0].get("coding") or [encounter.get("class", {})]
    return EncounterChoice(
        id=encounter["id"],
        label=types[0].get("text") or codings[0].get("display", "Visit"),
        date=encounter.get("period", {}).get("start", "")[:10],
    )
