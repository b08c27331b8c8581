"""Each refusal is found again by the reference of its outcome; nothing of anybody's record is kept with it."""

import re

import pytest

from gateway.clinic import FORM

REFERENCE = re.compile(r"\(reference ([2-9A-Z]{4}-[2-9A-Z]{2})\)")
SECRET_WORD = "confidential-diagnosis"

REFUSED = [
    ("GET", "Observation/his", None),
    ("GET", "Condition", None),
    ("GET", f"Patient?_id={SECRET_WORD}&foo=1", None),
    ("GET", f"Patient?{SECRET_WORD * 200}=1", None),
    ("GET", "Patient/$everything", None),
    ("POST", "", {"resourceType": "Bundle", "note": SECRET_WORD}),
    (
        "POST",
        "Observation",
        {
            "resourceType": "Observation",
            "subject": {"reference": "Patient/chidi"},
            "note": [{"text": SECRET_WORD}],
        },
    ),
    ("PUT", "Observation/his", {"resourceType": "Observation", "id": "his", "note": SECRET_WORD}),
    ("POST", "Patient", b'{"' + SECRET_WORD.encode()),
    ("GET", f"Patient/{SECRET_WORD}/x/y/z", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
async def test_a_refusal_is_audited_under_its_reference_without_clinical_data(
    ward, capfd, method, path, body
):
    clinic = await ward(
        {"resourceType": "Patient", "id": "amy"},
        {"resourceType": "Patient", "id": "chidi", "name": [{"family": "Okafor"}]},
        {"resourceType": "Observation", "id": "his", "subject": {"reference": "Patient/chidi"}},
    )
    amy, client = await clinic.person("amy", "Patient/amy"), await clinic.client("app")
    asking = await clinic.asking(client, amy, "patient/Patient.cruds patient/Observation.cruds", "amy")
    answer = await asking.send(method, path, body)
    assert answer.status_code in (400, 403, 404)
    (event,) = await clinic.application.audit("fhir.refused")
    found = REFERENCE.search(answer.json()["issue"][0]["diagnostics"])
    assert found is not None
    assert event.reference == found[1]
    assert (event.client_id, event.person_id, event.outcome) == ("app", amy.person_id, "refused")
    assert event.grant_id is not None
    assert event.detail["status"] == answer.status_code
    assert event.detail["rule"]
    assert event.detail["detail"]
    logged = capfd.readouterr().err
    assert event.reference in logged
    for text in (repr(event), logged):
        assert SECRET_WORD not in text
        assert "chidi" not in text
        assert "Okafor" not in text
        assert (asking.token or "").rpartition(".")[2] not in text
        assert len(text) < 5000


async def test_nothing_of_a_search_is_logged_or_audited(ward, capfd):
    clinic = await ward({"resourceType": "Patient", "id": "amy", "name": [{"family": "Okafor"}]})
    amy, client = await clinic.person("amy", "Patient/amy"), await clinic.client("app")
    asking = await clinic.asking(client, amy, "patient/*.rs", "amy")
    capfd.readouterr()
    before = len(await clinic.application.audit())
    await asking.read("Patient?name=Okafor")
    await asking.send("POST", "Patient/_search", b"name=Okafor", content_type=FORM)
    assert "Okafor" not in capfd.readouterr().err
    assert len(await clinic.application.audit()) == before


async def test_what_is_too_large_or_broken_is_logged_without_the_address_of_a_record(ward, capfd):
    clinic = await ward()
    amy, client = await clinic.person("amy", "Patient/amy"), await clinic.client("app")
    asking = await clinic.asking(client, amy, "patient/*.cruds", "amy")
    answer = await asking.send("PUT", "Patient/amy-okafor-1984", b"x" * 3_000_000)
    assert answer.status_code == 413
    found = REFERENCE.search(answer.json()["issue"][0]["diagnostics"])
    assert found is not None
    logged = capfd.readouterr().err
    assert found[1] in logged
    assert "amy-okafor-1984" not in logged


async def test_the_reason_names_the_smallest_change_that_would_help(ward):
    clinic = await ward({"resourceType": "Patient", "id": "amy"})
    lee = await clinic.person("lee", "Practitioner/lee")
    client = await clinic.client("app")
    cases = [
        ("patient/Patient.rs", "amy", "Condition", "user/Condition.s would"),
        ("user/Patient.rs", None, "Patient", "FHIR_READ_ALL_OF_TYPE with the argument Patient would"),
        ("patient/Patient.rs", None, "Patient", "launch/patient would ask for one"),
        ("system/Patient.rs", None, "Patient", "user/Patient.s would work for a person"),
    ]
    for scope, patient, path, change in cases:
        asking = await clinic.asking(client, lee, scope, patient)
        outcome = await asking.refused("GET", path, 403)
        assert "would" not in outcome["issue"][0]["diagnostics"]
        event = (await clinic.application.audit("fhir.refused"))[-1]
        assert change in event.detail["detail"]
        clinic.application.clock.advance(1)
