"""read, vread, history, `metadata`."""

import pytest

from assent.demo.store.search.parameters import search_parameters
from store.asking import BASE, Json, codes, key_of

AMY: Json = {"resourceType": "Patient", "id": "amy", "gender": "female"}


def test_a_read_gives_the_resource_its_version_and_its_date(small):
    response = small(AMY).send("GET", "Patient/amy")
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert response.headers["ETag"] == 'W/"1"'
    assert response.headers["Last-Modified"] == "Fri, 20 Nov 2026 09:00:00 GMT"
    meta = {"versionId": "1", "lastUpdated": "2026-11-20T09:00:00.000Z"}
    assert response.json() == {**AMY, "meta": meta}


def test_head_answers_like_get_without_the_body(small):
    response = small(AMY).send("HEAD", "Patient/amy")
    assert (response.status, response.body) == (200, b"")
    assert response.headers["ETag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("if_none_match", 'W/"1"', 304),
        ("if_none_match", 'W/"2"', 200),
        ("if_modified_since", "Fri, 20 Nov 2026 09:00:00 GMT", 304),
        ("if_modified_since", "Fri, 20 Nov 2026 08:59:59 GMT", 200),
        ("if_modified_since", "some day", 200),
    ],
)
def test_a_client_that_has_the_version_is_told_so(small, header, value, status):
    response = small(AMY).send("GET", "Patient/amy", **{header: value})
    assert response.status == status
    assert bool(response.body) == (status == 200)


def test_every_version_can_be_read_and_the_history_lists_the_latest_first(small):
    store = small(AMY)
    store.send("PUT", "Patient/amy", {**AMY, "gender": "unknown"})
    store.send("DELETE", "Patient/amy")
    assert store.get("Patient/amy/_history/1")["gender"] == "female"
    assert store.get("Patient/amy/_history/2")["gender"] == "unknown"
    deleted = store.send("GET", "Patient/amy/_history/3")
    assert (deleted.status, codes(deleted)) == (410, ["deleted"])
    assert store.send("GET", "Patient/amy/_history/4").status == 404
    history = store.get("Patient/amy/_history")
    assert (history["type"], history["total"]) == ("history", 3)
    assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "PUT", "PUT"]
    assert "resource" not in history["entry"][0]
    assert history["entry"][1]["response"]["etag"] == 'W/"2"'


def test_a_deleted_resource_is_gone_and_found_no_more(small):
    store = small(AMY)
    store.send("DELETE", "Patient/amy")
    response = store.send("GET", "Patient/amy")
    assert (response.status, codes(response)) == (410, ["deleted"])
    assert store.found("Patient?gender=female") == []


def test_histories_of_a_type_and_of_the_store_hold_every_write(small):
    store = small(AMY, {"resourceType": "Organization", "id": "o"})
    store.send("POST", "Patient", {"resourceType": "Patient"})
    assert store.get("Patient/_history")["total"] == 2
    assert [entry["request"]["url"] for entry in store.get("_history")["entry"]] == [
        "Patient",
        "Organization/o",
        "Patient/amy",
    ]


def test_a_history_can_begin_at_an_instant(small):
    store = small(AMY)
    store.send("PUT", "Patient/amy", AMY)
    history = store.get("_history?_since=2026-11-20T09:00:01Z")
    assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["2"]
    assert store.send("GET", "_history?_since=lately").status == 400


def test_the_population_has_former_versions_in_the_order_of_time(whole):
    updated = [entry["response"]["lastModified"] for entry in whole.get("_history?_count=1000")["entry"]]
    assert updated == sorted(updated, reverse=True)
    amy = whole.get("Patient/amy/_history")["entry"]
    assert [entry["resource"]["address"][0]["line"] for entry in amy] == [
        ["14 Lantern Street"],
        ["99 Former Street"],
    ]


@pytest.mark.parametrize(
    "path", ["Patient/nobody", "Patient/nobody/_history", "Nothing/1", "Nothing/_history", "a/b/c/d/e"]
)
def test_what_is_not_there_is_not_found(small, path):
    response = small(AMY).send("GET", path)
    assert (response.status, codes(response)) == (404, ["not-found"])


def test_the_capability_statement_says_what_this_is_and_lists_every_parameter(whole):
    statement = whole.get("metadata")
    assert statement["fhirVersion"] == "4.0.1"
    assert "demonstration" in statement["description"]
    assert statement["implementation"]["url"] == BASE
    listed = {
        each["type"]: {param["name"] for param in each["searchParam"]}
        for each in statement["rest"][0]["resource"]
    }
    assert listed == {name: set(parameters) for name, parameters in search_parameters().items()}


def test_every_type_of_the_population_is_declared(whole, people):
    declared = {each["type"] for each in whole.get("metadata")["rest"][0]["resource"]}
    assert {each["resourceType"] for each in people} <= declared


def test_decimals_keep_their_digits(small):
    value = b'{"resourceType":"Observation","id":"1","valueQuantity":{"value":70.10}}'
    store = small()
    store.send("PUT", "Observation/1", value, content_type="application/fhir+json")
    assert b'"value":70.10' in store.send("GET", "Observation/1").body
    assert b'"value":70.10' in store.send("GET", "Observation?_elements=value").body
    assert key_of(store.get("Observation?value-quantity=70.10")["entry"][0]["resource"]) == "Observation/1"
