"""The fixtures of `services.fhir_router`, and what `tests/upstream/README.md` says of their server."""

from collections.abc import Iterator

import httpx
import pytest

from services.fhir_router import FhirRouter

pytestmark = pytest.mark.node


def observation(name: str, patient: str) -> dict[str, object]:
    """A vital sign of a patient, small enough to be read."""
    code = {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "Observation", "id": name, "status": "final", "code": code, "subject": subject}


@pytest.fixture
def fhir(fhir_router_url: str) -> Iterator[httpx.Client]:
    """A client of a store with patients a and b, two observations of a's and one of b's."""
    patients = [
        {"resourceType": "Patient", "id": name, "name": [{"family": f"Family-{name}"}]} for name in "ab"
    ]
    resources = [*patients, observation("a1", "a"), observation("a2", "a"), observation("b1", "b")]
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
        for each in resources
    ]
    with httpx.Client(base_url=fhir_router_url, timeout=60) as client:
        client.post(
            "", json={"resourceType": "Bundle", "type": "transaction", "entry": entries}
        ).raise_for_status()
        yield client


def found(fhir: httpx.Client, search: str) -> list[str]:
    """The ids that a search finds."""
    bundle = fhir.get(search).raise_for_status().json()
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]


def test_resources_are_read_and_written_with_versions(fhir: httpx.Client) -> None:
    before = fhir.get("Patient/a")
    after = fhir.put("Patient/a", json=before.json() | {"gender": "female"})
    assert (after.status_code, after.json()["gender"]) == (200, "female")
    assert after.headers["etag"] != before.headers["etag"]
    version = before.json()["meta"]["versionId"]
    assert "gender" not in fhir.get(f"Patient/a/_history/{version}").json()


def test_stores_share_nothing(fhir: httpx.Client, fhir_router: FhirRouter) -> None:
    other = httpx.get(f"{fhir_router.new_store()}/Patient/a", timeout=60)
    assert (other.status_code, other.json()["resourceType"]) == (404, "OperationOutcome")


def test_metadata_says_that_it_is_r4(fhir: httpx.Client) -> None:
    assert fhir.get("metadata").json()["fhirVersion"] == "4.0.1"


def test_search_by_get_and_by_post_agree(fhir: httpx.Client) -> None:
    posted = fhir.post("Observation/_search", data={"patient": "Patient/a", "code": "8867-4"}).json()
    assert [entry["resource"]["id"] for entry in posted["entry"]] == ["a1", "a2"]
    assert found(fhir, "Observation?patient=Patient/a&code=8867-4") == ["a1", "a2"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("Observation?patient=Patient/a,Patient/b", ["a1", "a2", "b1"]),
        ("Observation?patient=a", []),
        ("Observation?subject:Patient=a", []),
        ("Observation?_id=a1&_include=Observation:patient", ["a1"]),
        ("Patient?_id=a&_revinclude=Observation:patient", ["a"]),
        ("Patient?_has:Observation:patient:code=8867-4", []),
        ("Observation?patient.family=Family-a", []),
        ("Patient?nosuch=1", []),
        ("Observation?_count=2&_offset=1", ["a2", "b1"]),
    ],
)
def test_known_search_behaviour(fhir: httpx.Client, search: str, expected: list[str]) -> None:
    assert found(fhir, search) == expected


def test_a_searchset_has_a_total_and_no_links(fhir: httpx.Client) -> None:
    bundle = fhir.get("Observation?_count=1").json()
    assert (bundle["total"], len(bundle["entry"]), "link" in bundle) == (3, 1, False)
    assert bundle["entry"][0].keys() == {"resource"}


def test_a_transaction_undoes_nothing(fhir: httpx.Client) -> None:
    good = {
        "resource": {"resourceType": "Patient", "id": "c"},
        "request": {"method": "PUT", "url": "Patient/c"},
    }
    bad = {"request": {"method": "DELETE", "url": "Patient/nobody"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]}
    answered = fhir.post("", json=bundle).json()["entry"]
    assert [entry["response"]["status"] for entry in answered] == ["200", "404"]
    assert fhir.get("Patient/c").status_code == 200


def test_create_keeps_the_id_it_is_given_and_validates_nothing(fhir: httpx.Client) -> None:
    created = fhir.post("Patient", json={"resourceType": "Patient", "id": "mine", "gender": 5})
    assert (created.status_code, created.json()["id"], created.json()["gender"]) == (201, "mine", 5)


def test_history_turns_round_at_every_reading(fhir: httpx.Client) -> None:
    fhir.put("Patient/a", json={"resourceType": "Patient", "id": "a"})
    first, second = fhir.get("Patient/a/_history").json(), fhir.get("Patient/a/_history").json()
    assert first["entry"] == second["entry"][::-1]


def test_a_deleted_resource_is_not_found(fhir: httpx.Client) -> None:
    version = fhir.get("Patient/b").json()["meta"]["versionId"]
    assert fhir.delete("Patient/b").status_code == 200
    assert [fhir.get(path).status_code for path in ("Patient/b", f"Patient/b/_history/{version}")] == [
        404,
        404,
    ]


@pytest.mark.parametrize("path", ["Patient/a/$everything", "Patient/a/Observation", "Patient/_history"])
def test_what_it_does_not_know_is_not_found(fhir: httpx.Client, path: str) -> None:
    assert fhir.get(path).status_code == 404


def test_broken_json_is_refused(fhir: httpx.Client) -> None:
    sent = fhir.post("Patient", content="{", headers={"content-type": "application/fhir+json"})
    assert (sent.status_code, sent.json()["resourceType"]) == (400, "OperationOutcome")
