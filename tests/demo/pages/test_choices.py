"""FHIR resources as lines of the mock EHR."""

from typing import Any

import pytest

from assent.demo.pages.choices import encounter_choice, patient_choice
from assent.demo.pages.site import EncounterChoice, PatientChoice


@pytest.mark.parametrize(
    ("patient", "choice"),
    [
        (
            {"id": "amy", "name": [{"given": ["Amy"], "family": "Okafor"}], "birthDate": "1984-03-09"}
            | {"gender": "female"},
            PatientChoice("amy", "Amy Okafor", "1984-03-09", "female"),
        ),
        (
            {"id": "b", "name": [{"use": "old", "family": "Was"}, {"use": "official", "text": "Is Now"}]},
            PatientChoice("b", "Is Now", "unknown", "unknown"),
        ),
        ({"id": "c"}, PatientChoice("c", "(no name)", "unknown", "unknown")),
    ],
)
def test_a_patient_is_a_line_of_the_list(patient: dict[str, Any], choice: PatientChoice) -> None:
    assert patient_choice(patient) == choice


@pytest.mark.parametrize(
    ("encounter", "choice"),
    [
        (
            {"id": "v", "type": [{"text": "Check"}], "period": {"start": "2026-10-06T13:30:00Z"}},
            EncounterChoice("v", "Check", "2026-10-06"),
        ),
        ({"id": "v", "type": [{"coding": [{"display": "Check"}]}]}, EncounterChoice("v", "Check", "")),
        ({"id": "v", "class": {"display": "ambulatory"}}, EncounterChoice("v", "ambulatory", "")),
        ({"id": "v"}, EncounterChoice("v", "Visit", "")),
    ],
)
def test_an_encounter_is_a_visit_to_choose(encounter: dict[str, Any], choice: EncounterChoice) -> None:
    assert encounter_choice(encounter) == choice
