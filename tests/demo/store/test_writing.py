"""create, update, patch, delete."""

import pytest

from store.asking import BASE, FHIR_JSON, Json, codes

AMY: Json = {"resourceType": "Patient", "id": "amy", "gender": "female"}
PATCH_TYPE = "application/json-patch+json"


def test_create_gives_the_resource_an_id_of_the_servers(small):
    store = small()
    response = store.send("POST", "Patient", AMY)
    assert response.status == 201
    assert response.headers["Location"] == f"{BASE}/Patient/new-1/_history/1"
    assert response.headers["ETag"] == 'W/"1"'
    assert response.json()["id"] == "new-1"
    assert store.get("Patient/new-1")["gender"] == "female"


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", ""),
        ("return=representation", "Patient"),
        ("handling=strict; return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_the_client_chooses_what_comes_back(small, prefer, kind):
    response = small().send("POST", "Patient", AMY, prefer=prefer)
    assert response.status == 201
    assert (response.json()["resourceType"] if response.body else "") == kind


def test_update_makes_the_next_version(small):
    store = small(AMY)
    response = store.send("PUT", "Patient/amy", {**AMY, "gender": "other"})
    assert response.status == 200
    assert response.headers["ETag"] == 'W/"2"'
    assert store.get("Patient/amy")["gender"] == "other"


def test_update_of_what_is_not_there_creates_it_under_that_id(small):
    store = small()
    response = store.send("PUT", "Patient/amy", AMY)
    assert response.status == 201
    assert response.headers["Location"] == f"{BASE}/Patient/amy/_history/1"
    assert store.get("Patient/amy")["gender"] == "female"


def test_update_moves_the_resource_in_every_index(small):
    store = small(AMY, {"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient/amy"}})
    store.send(
        "PUT",
        "Observation/1",
        {"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient/leo"}},
    )
    assert store.found("Observation?patient=amy") == []
    assert store.found("Observation?patient=leo") == ["Observation/1"]


@pytest.mark.parametrize(("wanted", "status"), [('W/"1"', 200), ('"1"', 200), ('W/"2"', 412), ('W/"0"', 412)])
def test_if_match_lets_only_the_current_version_be_changed(small, wanted, status):
    store = small(AMY)
    assert store.send("PUT", "Patient/amy", AMY, if_match=wanted).status == status
    assert store.get("Patient/amy")["meta"]["versionId"] == ("2" if status == 200 else "1")


def test_if_match_on_what_is_not_there_fails(small):
    response = small().send("PUT", "Patient/amy", AMY, if_match='W/"1"')
    assert (response.status, codes(response)) == (412, ["conflict"])


def test_if_none_match_lets_an_update_only_create(small):
    store = small()
    assert store.send("PUT", "Patient/amy", AMY, if_none_match="*").status == 201
    changed = store.send("PUT", "Patient/amy", {**AMY, "gender": "other"}, if_none_match="*")
    assert changed.status == 412
    assert store.get("Patient/amy")["gender"] == "female"


def test_delete_can_be_repeated(small):
    store = small(AMY)
    assert store.send("DELETE", "Patient/amy", if_match='W/"9"').status == 412
    assert store.send("DELETE", "Patient/amy").status == 204
    assert store.send("DELETE", "Patient/amy").status == 204
    assert store.send("DELETE", "Patient/nobody").status == 204
    assert store.send("PUT", "Patient/amy", AMY).status == 201
    assert store.get("Patient/amy")["meta"]["versionId"] == "3"


def test_create_on_a_condition_happens_once(small):
    store = small()
    named = {"resourceType": "Patient", "identifier": [{"system": "s", "value": "1"}]}
    condition = "identifier=s|1"
    assert store.send("POST", "Patient", named, if_none_exist=condition).status == 201
    again = store.send("POST", "Patient", named, if_none_exist=condition)
    assert (again.status, again.headers["Location"]) == (200, f"{BASE}/Patient/new-1/_history/1")
    store.send("POST", "Patient", named)
    assert store.send("POST", "Patient", named, if_none_exist=condition).status == 412
    assert store.send("POST", "Patient", named, if_none_exist="colour=blue").status == 400


def test_patch_changes_a_part(small):
    store = small(AMY)
    operations = [
        {"op": "test", "path": "/gender", "value": "female"},
        {"op": "replace", "path": "/gender", "value": "other"},
        {"op": "add", "path": "/name", "value": [{"family": "O"}]},
        {"op": "add", "path": "/name/0/given", "value": ["A"]},
        {"op": "add", "path": "/name/0/given/-", "value": "B"},
        {"op": "copy", "from": "/name/0/family", "path": "/name/0/text"},
        {"op": "move", "from": "/name/0/text", "path": "/language"},
        {"op": "remove", "path": "/name/0/given/0"},
    ]
    response = store.send("PATCH", "Patient/amy", operations, content_type=PATCH_TYPE)
    assert response.status == 200
    changed = store.get("Patient/amy")
    assert (changed["gender"], changed["name"], changed["language"]) == (
        "other",
        [{"family": "O", "given": ["B"]}],
        "O",
    )
    assert changed["meta"]["versionId"] == "2"


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        ([{"op": "test", "path": "/gender", "value": "male"}], 422),
        ([{"op": "add", "path": "/gender", "value": "male"}, {"op": "remove", "path": "/nothing"}], 422),
        ([{"op": "add", "path": "/name/5", "value": 1}], 422),
        ([{"op": "replace", "path": "/id", "value": "leo"}], 422),
        ([{"op": "replace", "path": "/resourceType", "value": "Group"}], 422),
        ([{"op": "replace", "path": "", "value": 5}], 422),
        ([{"op": "fold", "path": "/gender"}], 400),
        ([{"op": "add", "path": "gender", "value": 1}], 400),
        ([5], 400),
        ({}, 400),
    ],
)
def test_a_patch_that_cannot_be_applied_changes_nothing(small, operations, status):
    store = small(AMY)
    assert store.send("PATCH", "Patient/amy", operations, content_type=PATCH_TYPE).status == status
    assert store.get("Patient/amy")["meta"]["versionId"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "code"),
    [
        ("POST", "Patient", b"{", FHIR_JSON, 400, "invalid"),
        ("POST", "Patient", b'{"resourceType":"Patient","x":"\xff"}', FHIR_JSON, 400, "invalid"),
        ("POST", "Patient", b"[" * 100_000, FHIR_JSON, 400, "invalid"),
        ("POST", "Patient", b"[]", FHIR_JSON, 400, "invalid"),
        ("POST", "Patient", b"", FHIR_JSON, 400, "invalid"),
        ("POST", "Patient", b"{}", FHIR_JSON, 422, "processing"),
        ("POST", "Patient", b'{"resourceType":"Group"}', FHIR_JSON, 422, "processing"),
        ("POST", "Patient", b'{"resourceType":"Nothing"}', FHIR_JSON, 422, "processing"),
        ("POST", "Patient", b'{"resourceType":"Patient","meta":5}', FHIR_JSON, 422, "processing"),
        ("POST", "Patient", b'{"resourceType":"Patient"}', "text/plain", 415, "not-supported"),
        ("POST", "Patient", b'{"resourceType":"Patient"}', "application/fhir+xml", 415, "not-supported"),
        ("POST", "Patient/_search", b"name=a", FHIR_JSON, 415, "not-supported"),
        ("PATCH", "Patient/amy", b"[]", FHIR_JSON, 415, "not-supported"),
        ("POST", "Nothing", b'{"resourceType":"Nothing"}', FHIR_JSON, 404, "not-found"),
        ("PUT", "Patient/amy", b'{"resourceType":"Patient"}', FHIR_JSON, 400, "invalid"),
        ("PUT", "Patient/amy", b'{"resourceType":"Patient","id":"leo"}', FHIR_JSON, 400, "invalid"),
        ("PUT", "Patient/a%20b", b'{"resourceType":"Patient","id":"a b"}', FHIR_JSON, 400, "invalid"),
        ("PATCH", "Patient/nobody", b"[]", PATCH_TYPE, 404, "not-found"),
    ],
)
def test_what_cannot_be_stored_is_refused(small, method, path, body, content_type, status, code):
    store = small(AMY)
    response = store.send(method, path, body, content_type=content_type)
    assert (response.status, codes(response)) == (status, [code])
    assert store.get("_history")["total"] == 1
