"""A few people with records, for a FHIR server to test against: small enough to keep in mind.

Amy is a patient with two visits. Jonas is a father: a Person whose links lead to the guardians of Mia (one visit) and
Leo (none); his link to Ida has ended. Lee is a clinician. Zoe is a patient whom none of them represents.
"""

from typing import Any

from assent.spec.permissions import Permission

AMY, MIA, LEO, IDA, ZOE = "amy", "mia", "leo", "ida", "zoe"
FATHER = {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "FTH"}
ALL_READ = (Permission("FHIR_ALL_READ"),)


def resources() -> list[dict[str, Any]]:
    """The resources of everybody."""
    return [
        _patient(AMY, "Amy", "Okafor", "1984-03-05", "female"),
        _patient(MIA, "Mia", "Weber", "2016-07-21", "female"),
        _patient(LEO, "Leo", "Weber", "2019-01-30", "male"),
        _patient(IDA, "Ida", "Weber", "2001-02-03", "female"),
        _patient(ZOE, "Zoe", "Ames", "1990-12-12", "female"),
        {**_guardian("jonas-for-mia", MIA), "relationship": [{"coding": [FATHER]}]},
        _guardian("jonas-for-leo", LEO),
        {**_guardian("jonas-for-ida", IDA), "period": {"start": "2001-02-03", "end": "2019-02-03"}},
        {
            "resourceType": "Person",
            "id": "jonas",
            "name": [{"family": "Weber", "given": ["Jonas"]}],
            "link": [
                {"target": {"reference": f"RelatedPerson/{guardian}"}}
                for guardian in ("jonas-for-mia", "jonas-for-leo", "jonas-for-ida")
            ],
        },
        {"resourceType": "Practitioner", "id": "lee", "name": [{"family": "Lee", "given": ["Hannah"]}]},
        _visit("amy-1", AMY, "2023-05-02T09:00:00Z", "Check-up"),
        _visit("amy-2", AMY, "2024-02-11T14:30:00Z", "Follow-up"),
        _visit("mia-1", MIA, "2024-01-09T08:15:00Z", "Vaccination"),
    ]


def _patient(id_: str, given: str, family: str, born: str, gender: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": "https://hospital.example/mrn", "value": f"MRN-{id_}"}],
        "name": [{"use": "official", "family": family, "given": [given]}],
        "birthDate": born,
        "gender": gender,
    }


def _guardian(id_: str, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "RelatedPerson",
        "id": id_,
        "active": True,
        "patient": {"reference": f"Patient/{patient}"},
        "name": [{"family": "Weber", "given": ["Jonas"]}],
    }


def _visit(id_: str, patient: str, start: str, title: str) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [{"text": title}],
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": start},
    }
