"""batch and transaction."""

import pytest

from store.asking import BASE, Json

AMY: Json = {"resourceType": "Patient", "id": "amy", "gender": "female"}


def entry(method: str, url: str, resource: Json | None = None, full_url: str = "", **conditions: str) -> Json:
    made: Json = {"request": {"method": method, "url": url, **conditions}}
    if resource is not None:
        made["resource"] = resource
    if full_url:
        made["fullUrl"] = full_url
    return made


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def statuses(answer: Json) -> list[str]:
    return [each["response"]["status"] for each in answer["entry"]]


def test_a_batch_does_each_entry_on_its_own(small):
    store = small(AMY)
    response = store.send(
        "POST",
        "",
        bundle(
            "batch",
            entry("GET", "Patient/amy"),
            entry("GET", "Patient/nobody"),
            entry("POST", "Patient", {"resourceType": "Patient"}),
            entry("PUT", "Patient/leo", {"resourceType": "Patient", "id": "leo"}),
            entry("PUT", "Patient/amy", AMY, ifMatch='W/"9"'),
            entry("GET", f"{BASE}/Patient?gender=female"),
            entry("GET", "https://elsewhere.example/Patient/amy"),
            entry("DELETE", "Patient/amy"),
            {"resource": AMY},
            entry("SING", "Patient/amy"),
        ),
    )
    assert response.status == 200
    answer = response.json()
    assert answer["type"] == "batch-response"
    assert statuses(answer) == ["200", "404", "201", "201", "412", "200", "400", "204", "400", "400"]
    assert answer["entry"][0]["resource"]["gender"] == "female"
    assert answer["entry"][1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert answer["entry"][2]["response"]["location"] == f"{BASE}/Patient/new-1/_history/1"
    assert answer["entry"][5]["resource"]["total"] == 1
    assert store.found("Patient?_sort=_id") == ["Patient/leo", "Patient/new-1"]


def test_a_transaction_resolves_references_between_its_entries(small):
    store = small(
        {"resourceType": "Practitioner", "id": "lee", "identifier": [{"system": "s", "value": "1"}]}
    )
    answer = store.send(
        "POST",
        "",
        bundle(
            "transaction",
            entry(
                "POST",
                "Observation",
                {
                    "resourceType": "Observation",
                    "subject": {"reference": "urn:uuid:a"},
                    "performer": [{"reference": "Practitioner?identifier=s|1"}],
                },
                "urn:uuid:b",
            ),
            entry("POST", "Patient", AMY, "urn:uuid:a"),
            entry("GET", "Observation?subject:Patient.gender=female"),
        ),
    ).json()
    assert answer["type"] == "transaction-response"
    assert statuses(answer) == ["201", "201", "200"]
    made = answer["entry"][0]["resource"]
    patient = answer["entry"][1]["resource"]
    assert made["subject"]["reference"] == f"Patient/{patient['id']}"
    assert made["performer"][0]["reference"] == "Practitioner/lee"
    assert answer["entry"][2]["resource"]["total"] == 1  # reads come last


def test_a_conditional_creation_that_finds_its_resource_is_referred_to(small):
    store = small({**AMY, "identifier": [{"system": "s", "value": "1"}]})
    answer = store.send(
        "POST",
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", {"resourceType": "Patient"}, "urn:uuid:a", ifNoneExist="identifier=s|1"),
            entry(
                "POST", "Observation", {"resourceType": "Observation", "subject": {"reference": "urn:uuid:a"}}
            ),
        ),
    ).json()
    assert statuses(answer) == ["200", "201"]
    assert answer["entry"][1]["resource"]["subject"]["reference"] == "Patient/amy"


@pytest.mark.parametrize(
    ("failing", "status"),
    [
        (entry("PUT", "Patient/amy", AMY, ifMatch='W/"9"'), 412),
        (entry("GET", "Patient/nobody"), 404),
        (entry("POST", "Patient", {"resourceType": "Group"}), 422),
        (entry("POST", "Nothing", {"resourceType": "Nothing"}), 404),
        (
            entry(
                "PUT",
                "Observation/1",
                {"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient?gender=male"}},
            ),
            412,
        ),
        ({"resource": AMY}, 400),
    ],
)
def test_a_transaction_happens_whole_or_not_at_all(small, failing, status):
    store = small(AMY, {"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient/amy"}})
    before = store.send("GET", "_history").body
    response = store.send(
        "POST",
        "",
        bundle(
            "transaction",
            entry("DELETE", "Observation/1"),
            entry("POST", "Patient", {"resourceType": "Patient"}),
            entry("PUT", "Patient/amy", {**AMY, "gender": "other"}),
            failing,
        ),
    )
    assert response.status == status
    assert store.send("GET", "_history").body == before
    assert store.get("Patient/amy")["gender"] == "female"
    assert store.found("Patient") == ["Patient/amy"]
    assert store.found("Observation?patient=amy") == ["Observation/1"]


def test_a_failing_transaction_names_the_entry(small):
    response = small().send("POST", "", bundle("transaction", entry("GET", "Patient/nobody")))
    assert response.json()["issue"][0]["diagnostics"].startswith("Entry 0: ")


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "batch", "entry": 5},
    ],
)
def test_what_is_no_batch_is_refused(small, body):
    assert small().send("POST", "", body).status == 400
