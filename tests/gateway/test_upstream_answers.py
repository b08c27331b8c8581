"""What apps are told when the FHIR server behind answers oddly, refuses, is slow, or is not there."""

import json
import socket

import pytest

from gateway.behind import AMY, MOOD, amy_of, open_behind, resource, run_odd_server
from gateway.clinic import FHIR_JSON, Clinic

WORDS = "internal-hostname stack trace of Chidi Okafor"


@pytest.fixture
async def server():
    async with run_odd_server() as running:
        running.answers["Patient/amy"] = resource(AMY, ETag='W/"3"')
        yield running


@pytest.fixture
async def clinic(installation_template, tmp_path, server):
    async with open_behind(installation_template, tmp_path / "here", server.base) as opened:
        yield opened


ODD = [
    resource(WORDS.encode(), 500),
    resource({"resourceType": "OperationOutcome", "issue": [{"diagnostics": WORDS}]}, 500),
    resource(WORDS.encode(), 503),
    resource(WORDS.encode(), 401),
    resource(WORDS.encode(), 403),
    resource(WORDS.encode(), 407),
    resource(b"", 302, Location="http://127.0.0.1:1/elsewhere"),
    resource(b"", 307, Location="/r4/Patient/chidi"),
    resource(b"", 304),
    resource(b"", 204),
    resource(WORDS.encode(), 200),
    resource(f"<html>{WORDS}</html>".encode(), 200),
    resource(b"", 200),
    resource(b"[]", 200),
    resource(b"null", 200),
    resource(b'{"resourceType":"Patient","x":"\xff"}', 200),
    resource(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 200),
    resource({"resourceType": ["Patient"]}, 200),
    resource({"entry": "x"}, 200),
]
"""Answers to everything."""


@pytest.mark.parametrize("answer", ODD)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "Patient/amy", None),
        ("GET", "Observation?code=x", None),
        ("GET", "Patient/amy/_history", None),
        ("GET", "Patient/amy/_history/1", None),
        ("POST", "Observation", MOOD),
        ("PUT", "Patient/amy", {"resourceType": "Patient", "id": "amy"}),
    ],
)
async def test_an_odd_answer_of_the_fhir_server_is_a_clean_refusal(
    clinic, server, answer, method, path, body
):
    amy = await amy_of(clinic)
    server.answers, server.otherwise = {}, answer
    got = await amy.send(method, path, body)
    if method == "POST" and answer.status in (200, 204) and got.status_code == answer.status:
        assert got.content == b""  # it was written; what came back is not shown
        return
    assert got.status_code in (404, 502), got.text
    assert got.headers["content-type"].startswith(FHIR_JSON)
    assert got.json()["resourceType"] == "OperationOutcome"
    for word in ("hostname", "trace", "Okafor", "html", "elsewhere", server.base):
        assert word not in got.text
    assert "location" not in got.headers


ENTRIES = [
    {},
    {"entry": []},
    {"entry": None},
    {"entry": "x"},
    {"entry": [None, 1, "x", []]},
    {"entry": [{"resource": None}, {"resource": "x"}, {"resource": {}}, {"resource": {"resourceType": 1}}]},
    {"entry": [{"resource": {"resourceType": "Observation", "id": "1"}}]},
    {"entry": [{"resource": {"resourceType": "Observation", "subject": {"reference": "Patient/chidi"}}}]},
    {"entry": [{"resource": {"resourceType": "Patient", "id": "chidi"}, "search": {"mode": "include"}}]},
    {"entry": [{"resource": {"resourceType": "Patient", "id": "chidi"}, "search": "x"}]},
    {"entry": [{"fullUrl": 1, "search": 1, "resource": {"resourceType": "Bundle", "entry": []}}]},
    {"entry": [{"resource": {"resourceType": "OperationOutcome", "issue": [{"diagnostics": WORDS}, "x"]}}]},
    {"link": "x"},
    {"link": [None, {"relation": 1}, {"relation": "next"}, {"relation": "self", "url": None}]},
    {"total": "many", "meta": 1, "extension": [{"valueString": WORDS}], "signature": {"data": "eA=="}},
]


@pytest.mark.parametrize("odd", ENTRIES)
async def test_an_odd_bundle_shows_nothing_that_is_not_known_to_be_allowed(clinic, server, odd):
    amy = await amy_of(clinic)
    server.answers["Observation"] = resource(
        {"resourceType": "Bundle", "type": "searchset", "total": 7, **odd}
    )
    answer = await amy.get("Observation")
    assert answer.status_code == 200
    assert "chidi" not in answer.text
    assert WORDS not in answer.text


async def test_a_refusal_of_the_fhir_server_is_passed_on_without_its_words(clinic, server):
    amy = await amy_of(clinic)
    issue = {
        "severity": "error",
        "code": "value",
        "diagnostics": WORDS,
        "details": {"text": WORDS},
        "location": [WORDS],
        "expression": ["Observation.status"],
    }
    for status in (400, 409, 412, 422):
        server.answers["Observation"] = resource(
            {"resourceType": "OperationOutcome", "text": {"div": WORDS}, "issue": [issue]}, status
        )
        for method, body in (("GET", None), ("POST", MOOD)):
            outcome = await amy.refused(method, "Observation", status, body)
            assert outcome["issue"] == [
                {"severity": "error", "code": "value", "expression": ["Observation.status"]}
            ]
            assert WORDS not in json.dumps(outcome)
    server.answers["Observation"] = resource(WORDS.encode(), 400)
    assert WORDS not in json.dumps(await amy.refused("GET", "Observation", 400))


async def test_a_fhir_server_that_gives_another_resource_than_was_asked_for_is_not_believed(clinic, server):
    amy = await amy_of(clinic)
    server.answers["Patient/amy"] = resource({"resourceType": "Patient", "id": "chidi"})
    server.answers["Observation/1"] = resource({**MOOD, "id": "2"})
    server.answers["Observation/3"] = resource({**AMY, "id": "3"})
    for path in ("Patient/amy", "Observation/1", "Observation/3"):
        await amy.refused("GET", path, 404)
    for path in ("Observation/1", "Observation/1/_history"):
        await amy.refused("GET", path, 404)
    before = len(server.asked)
    await amy.refused("PUT", "Observation/1", 404, {**MOOD, "id": "1"})
    assert [method for method, _, _, _ in server.asked[before:]] == ["GET"]


async def test_headers_of_the_fhir_server_stay_behind(clinic, server):
    amy = await amy_of(clinic)
    server.answers["Patient/amy"] = resource(
        AMY,
        ETag='W/"3"',
        Server="Internal/1.0",
        X_Powered_By="secret",
        Set_Cookie="a=b",
        Access_Control_Allow_Origin="*",
        Content_Location=f"{server.base}/Patient/amy",
    )
    answer = await amy.get("Patient/amy", Origin="https://evil.example")
    assert answer.headers["etag"] == 'W/"3"'
    for name in ("server", "x-powered-by", "set-cookie", "access-control-allow-origin", "content-location"):
        assert name not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_a_fhir_server_that_is_slow_is_given_up(installation_template, tmp_path):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/r4"
        async with open_behind(installation_template, tmp_path / "here", url, timeout_seconds=1) as clinic:
            amy = await amy_of(clinic)
            await amy.refused("GET", "Patient/amy", 502)
            await amy.refused("POST", "Observation", 502, MOOD)
            await clinic.nobody().refused("GET", "metadata", 502)


async def test_a_fhir_server_that_is_not_there_is_told_as_such(installation_template, tmp_path):
    url = "http://127.0.0.1:1/r4"
    async with open_behind(installation_template, tmp_path / "here", url) as clinic:
        amy = await amy_of(clinic)
        outcome = await amy.refused("GET", "Patient/amy", 502)
        assert "127.0.0.1" not in json.dumps(outcome)
        (event,) = await clinic.application.audit("fhir.refused")
        assert event.detail["status"] == 502


async def test_an_answer_too_large_to_be_checked_is_not_passed_on(clinic, server, monkeypatch):
    monkeypatch.setattr("assent.fhir.http.MAX_ANSWER_BYTES", 100_000)
    amy = await amy_of(clinic)
    server.answers["Observation/1"] = resource({**MOOD, "id": "1", "note": [{"text": "x" * 200_000}]})
    await amy.refused("GET", "Observation/1", 502)


async def test_without_a_fhir_server_everything_says_so(open_with):
    application = await open_with()
    clinic = Clinic(application)
    application.fhir.is_down = True
    amy = await amy_of(clinic)
    await amy.refused("GET", "Patient/amy", 502)


async def test_a_person_whose_links_cannot_be_asked_for_gets_nothing(clinic, server):
    """What she represents is only known to the FHIR server: while that does not say, there is no access."""
    jonas = await clinic.person("jonas", "Person/jonas")
    asking = await clinic.asking(await clinic.client("family"), jonas, "user/*.rs")
    server.otherwise = resource(b"", 500)
    await asking.refused("GET", "Patient", 502)
    server.otherwise = resource({"resourceType": "OperationOutcome"}, 404)
    await asking.refused("GET", "Patient", 403)
