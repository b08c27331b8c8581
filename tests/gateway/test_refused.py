"""What cannot be decided, or cannot be read, is refused with an OperationOutcome: never passed on, never a 500."""

import json

import pytest

from gateway.clinic import FHIR_JSON, FORM

AMY = ("amy", "patient/*.cruds user/*.cruds", "amy")
BATCH = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [{"request": {"method": "GET", "url": "Patient/chidi"}}],
}
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "x"},
    "subject": {"reference": "Patient/amy"},
}

PATCHED = {"Observation/misfiled"}
UNDECIDED = [
    ("POST", "", BATCH),
    ("POST", "", {**BATCH, "type": "transaction"}),
    ("GET", "", None),
    ("GET", "?_type=Patient", None),
    ("GET", "_history", None),
    ("GET", "Patient/amy/$everything", None),
    ("POST", "Patient/amy/$everything", {"resourceType": "Parameters"}),
    ("GET", "Patient/$everything", None),
    ("GET", "$export", None),
    ("GET", "Patient/$export", None),
    ("GET", "Group/asthma-programme/$export", None),
    ("POST", "Observation/$lastn", {"resourceType": "Parameters"}),
    ("GET", "Observation/amy-heart-rate-1/$meta", None),
    ("POST", "$graphql", {"query": "{PatientList{id}}"}),
    ("POST", "$validate", OBSERVATION),
    ("PATCH", "Observation/misfiled", [{"op": "replace", "path": "/status", "value": "final"}]),
    ("PUT", "Observation?code=x", OBSERVATION),
    ("DELETE", "Observation?code=x", None),
    ("PATCH", "Observation?code=x", []),
    ("GET", "Patient/amy/*", None),
    ("GET", "Practitioner/lee/Observation", None),
    ("GET", "Encounter/amy-visit-1/Observation", None),
    ("POST", "_search", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), UNDECIDED)
async def test_what_cannot_be_decided_is_refused_and_not_passed_on(clinic, ask, method, path, body):
    asking = await ask(*AMY)
    before = len(clinic.application.fhir.asked)
    answer = await asking.send(method, path, body, content_type=FORM if path == "_search" else None)
    assert answer.status_code == 403, answer.text
    assert answer.json()["issue"][0]["code"] == (
        "forbidden" if (method, path) == ("POST", "") or "$" in path or path in PATCHED else "not-supported"
    )
    assert len(clinic.application.fhir.asked) == before


@pytest.mark.row("S4")
@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "", BATCH), ("GET", "Patient/$everything", None)]
)
async def test_operations_and_batches_are_refused_without_a_permission_of_their_own(ask, method, path, body):
    await (await ask("writer", "user/*.cruds")).refused(method, path, 403, body)


async def test_a_conditional_create_is_refused(ask):
    asking = await ask(*AMY)
    await asking.refused("POST", "Observation", 403, OBSERVATION, If_None_Exist="identifier=x")
    await asking.refused(
        "POST", "Observation", 403, OBSERVATION, X_Provenance='{"resourceType":"Provenance"}'
    )


UNKNOWN = [
    "Observation?foo=bar",
    "Observation?_filter=subject eq Patient/chidi",
    "Observation?_query=all",
    "Observation?_list=amy-family-results",
    "Observation?_has=1",
    "Observation?_contained=true",
    "Observation?_containedType=container",
    "Observation?patient:foo=amy",
    "Observation?subject:above=Patient/chidi",
    "Observation?code:near=1",
    "Observation?_include:foo=Observation:patient",
    "Observation?_include=Observation",
    "Observation?_include=Observation:code",
    "Observation?_include=Nonsense:patient",
    "Observation?_revinclude=Observation:nonsense",
    "Observation?_sort=nonsense",
    "Observation?_count=x",
    "Observation?_count=-1",
    "Observation?_total=all",
    "Observation?_summary=some",
    "Observation?_elements=a.b",
    "Observation?code.text=x",
    "Observation?_text.x=y",
    "Observation?__proto__=1",
    "Observation?" + "&".join(f"code={number}" for number in range(201)),
]


@pytest.mark.parametrize("path", UNKNOWN)
async def test_a_parameter_that_is_not_understood_is_refused(clinic, ask, path):
    asking = await ask(*AMY)
    before = len(clinic.application.fhir.asked)
    await asking.refused("GET", path.replace(" ", "%20"), 400)
    resource_type, _, query = path.partition("?")
    answer = await asking.send("POST", f"{resource_type}/_search", query.encode(), content_type=FORM)
    assert answer.status_code == 400
    assert len(clinic.application.fhir.asked) == before


PATHS = [
    ("Patient/../Patient/chidi", (400,)),
    ("../fhir/Patient/chidi", (400, 404)),
    ("Patient/%2e%2e/Patient/chidi", (400,)),
    ("Patient%2Fchidi", (400, 404)),
    ("Patient%2famy", (400, 404)),
    ("Patient/amy%2F..%2Fchidi", (400,)),
    ("/Patient/amy", (400,)),
    ("Patient//amy", (400,)),
    ("./Patient/amy", (400,)),
    ("Patient/amy/.", (400,)),
    ("patient/amy", (404,)),
    ("PATIENT/amy", (404,)),
    ("Patient/AMY", (404,)),
    ("Patient/amy;x=1", (400,)),
    ("Patient/amy%00", (400,)),
    ("Patient/amy%0d%0aX:1", (400, 404)),
    ("Patient/%C3%A9", (400,)),
    ("Patient/%ff", (400,)),
    ("Patient/" + "a" * 65, (400,)),
    ("Patient/" + "a" * 5000, (400,)),
    ("Nonsense/1", (404,)),
    ("Patient/amy/Nonsense", (404,)),
    ("Patient/amy/_history/1/x", (404,)),
    ("Patient/amy/Observation/x", (404,)),
    ("metadata/x", (404,)),
    ("_search", (403, 405)),
    ("Observation/_search", (405,)),
    ("Patient/amy/_histor", (404,)),
    ("Patient?name=%ff", (400,)),
    ("Patient?name=%zz", (400,)),
    ("Patient?name=%00", (400,)),
    ("Patient?_id=amy%0a", (400,)),
]


@pytest.mark.parametrize(("path", "statuses"), PATHS)
async def test_an_odd_path_is_refused_and_never_reaches_anybody_else(ask, path, statuses):
    asking = await ask(*AMY)
    answer = await asking.get(path)
    assert answer.status_code in statuses, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "chidi" not in answer.text.lower()


METHODS = [
    ("TRACE", "Patient/amy", 405),
    ("PROPFIND", "Patient/amy", 405),
    ("POST", "Patient/amy", 405),
    ("PUT", "Patient/amy/_history", 405),
    ("DELETE", "Patient/amy/_history/1", 405),
    ("POST", "metadata", 405),
    ("DELETE", "metadata", 405),
    ("PUT", "Observation/_search", 405),
    ("OPTIONS", "Patient/amy", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), METHODS)
async def test_a_method_that_a_path_does_not_answer_is_refused(ask, method, path, status):
    asking = await ask(*AMY)
    await asking.refused(method, path, status, {} if method in ("POST", "PUT") else None)


async def test_head_is_get_without_a_body(ask):
    asking = await ask(*AMY)
    got, head = await asking.get("Patient/amy"), await asking.send("HEAD", "Patient/amy")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]
    assert (await asking.send("HEAD", "Patient/chidi")).status_code == 404


DEEP = b'{"resourceType":"Observation","extension":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BODIES = [
    (b"", FHIR_JSON, 400),
    (b"{", FHIR_JSON, 400),
    (b"null", FHIR_JSON, 400),
    (b"[]", FHIR_JSON, 400),
    (b'"x"', FHIR_JSON, 400),
    (b"{}", FHIR_JSON, 400),
    (b'{"resourceType":"Patient"}', FHIR_JSON, 400),
    (b'{"resourceType":["Observation"]}', FHIR_JSON, 400),
    (b'{"resourceType":"Observation"}', FHIR_JSON, 403),
    (b'{"resourceType":"Observation","subject":"Patient/amy"}', FHIR_JSON, 403),
    (b'{"resourceType":"Observation","subject":{"reference":["Patient/amy"]}}', FHIR_JSON, 403),
    (b'{"resourceType":"Observation","note":NaN}', FHIR_JSON, 400),
    (b'{"resourceType":"Observation","x":"\xff"}', FHIR_JSON, 400),
    (b'{"resourceType":"Observation","x":"\xed\xa0\x80"}', FHIR_JSON, 400),
    (b"\xff\xfe{\x00}\x00", FHIR_JSON, 400),
    (DEEP, FHIR_JSON, 400),
    (json.dumps(OBSERVATION).encode(), "application/fhir+xml", 415),
    (json.dumps(OBSERVATION).encode(), "text/plain", 415),
    (json.dumps(OBSERVATION).encode(), "", 415),
    (json.dumps(OBSERVATION).encode(), FORM, 415),
    (b"<Observation/>", "application/fhir+xml", 415),
]


@pytest.mark.parametrize(("body", "content_type", "status"), BODIES)
async def test_a_body_that_is_no_resource_is_refused(ask, body, content_type, status):
    asking = await ask(*AMY)
    answer = await asking.send("POST", "Observation", body, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_body_that_is_too_large_is_refused(ask):
    asking = await ask(*AMY)
    note = "x" * (3 * 1024 * 1024)
    await asking.refused("POST", "Observation", 413, {**OBSERVATION, "note": [{"text": note}]})


async def test_a_query_that_is_too_long_is_refused(ask):
    asking = await ask(*AMY)
    await asking.refused("GET", "Observation?code=" + "x" * 70_000, 414)


@pytest.mark.parametrize("form", [b"code=\xff", "code=é".encode(), b"code=%ff", b"code=%zz"])
async def test_a_form_that_is_not_percent_encoded_utf_8_is_refused(ask, form):
    asking = await ask(*AMY)
    answer = await asking.send("POST", "Observation/_search", form, content_type=FORM)
    assert answer.status_code == 400


async def test_a_form_of_another_type_is_refused(ask):
    asking = await ask(*AMY)
    answer = await asking.send("POST", "Observation/_search", {"code": "x"}, content_type=FHIR_JSON)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("accept", "query", "status"),
    [
        ("application/fhir+xml", "", 406),
        ("text/turtle", "", 406),
        ("application/fhir+xml;q=0.9", "", 406),
        ("application/fhir+xml, application/fhir+json;q=0.5", "", 200),
        ("application/fhir+xml", "?_format=json", 200),
        ("application/fhir+json", "?_format=xml", 406),
        ("application/fhir+json", "?_format=application/fhir%2Bxml", 406),
        ("application/fhir+json", "?_format=application/fhir+json", 200),
        ("text/html", "", 200),
        ("*/*", "", 200),
        ("", "", 200),
    ],
)
async def test_answers_are_json(ask, accept, query, status):
    asking = await ask(*AMY)
    for path in ("Patient/amy", "Observation"):
        answer = await asking.get(path + query, Accept=accept)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith(FHIR_JSON)


async def test_a_refusal_of_a_type_comes_before_any_record_is_looked_at(clinic, ask):
    """The same answer for what is there and for what is not: 403 by type, otherwise 404."""
    asking = await ask("amy", "patient/Patient.r", "amy")
    before = len(clinic.application.fhir.asked)
    answers = [await asking.get(path) for path in ("Condition/amy-stress-1", "Condition/nothing-there")]
    assert {answer.status_code for answer in answers} == {403}
    assert len(clinic.application.fhir.asked) == before
    answers = [await asking.get(path) for path in ("Patient/chidi", "Patient/nothing-there")]
    assert {answer.status_code for answer in answers} == {404}
    texts = {answer.json()["issue"][0]["diagnostics"].partition(" (")[0] for answer in answers}
    assert len(texts) == 1
