"""`metadata` and smart-configuration: read by anyone, true, and never in the way of a broken FHIR server."""

import json
from typing import Any

import pytest

from assent.fhir.upstream import UpstreamDown, UpstreamRequest, UpstreamResponse
from gateway.clinic import FHIR_JSON

SMART = ".well-known/smart-configuration"


@pytest.mark.row("D1", "D2")
@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/fhir+json", "application/fhir+xml", "text/html"]
)
async def test_smart_configuration_is_json_under_the_fhir_base_whatever_accept_says(clinic, accept):
    answer = await clinic.nobody().get(SMART, Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["token_endpoint"] == "http://localhost:9200/oauth/token"


@pytest.mark.row("D3")
async def test_every_endpoint_in_it_is_absolute_and_it_is_the_issuers_own_document(clinic):
    document = (await clinic.nobody().get(SMART)).json()
    urls = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "issuer"))]
    assert len(urls) > 5
    assert all(url.startswith("http://localhost:9200") for url in urls)
    async with clinic.application.http() as http:
        assert (await http.get("/.well-known/smart-configuration")).json() == document


async def test_metadata_promises_what_the_gateway_does_and_nothing_else(clinic):
    answer = await clinic.nobody().get("metadata")
    assert answer.headers["content-type"].startswith(FHIR_JSON)
    statement = answer.json()
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["implementation"]["url"] == "http://localhost:9200/fhir"
    assert statement["format"] == ["json", "application/fhir+json"]
    assert set(statement.get("patchFormat", ())) <= {"application/json-patch+json", "application/fhir+json"}
    (rest,) = statement["rest"]
    assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert rest["interaction"] == [{"code": "batch"}, {"code": "transaction"}]
    assert "searchParam" not in rest
    observation = next(one for one in rest["resource"] if one["type"] == "Observation")
    codes = {one["code"] for one in observation["interaction"]}
    assert codes == {
        *("read", "vread", "update", "patch", "delete", "create", "search-type"),
        *("history-instance", "history-type"),
    }
    assert {"patient", "category", "code"} <= {one["name"] for one in observation["searchParam"]}
    assert not {"conditionalCreate", "conditionalUpdate", "updateCreate"} & observation.keys()


@pytest.mark.row("D19")
async def test_metadata_names_the_endpoints_for_old_clients(clinic):
    (rest,) = (await clinic.nobody().get("metadata")).json()["rest"]
    (oauth,) = rest["security"]["extension"]
    uris = {one["url"]: one["valueUri"] for one in oauth["extension"]}
    assert uris["authorize"] == "http://localhost:9200/oauth/authorize"
    assert uris["token"] == "http://localhost:9200/oauth/token"


@pytest.mark.parametrize(("accept", "status"), [("application/fhir+xml", 406), ("application/json", 200)])
async def test_metadata_is_json_too(clinic, accept, status):
    assert (await clinic.nobody().get("metadata", Accept=accept)).status_code == status


def says(clinic: Any, status: int, body: Any) -> None:
    """From now on the FHIR server answers everything so."""

    async def send(request: UpstreamRequest) -> UpstreamResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return UpstreamResponse(status, {}, raw)

    clinic.application.fhir.send = send


STATEMENT = {"resourceType": "CapabilityStatement"}
BROKEN = [
    (200, {**STATEMENT, "rest": "x"}),
    (200, {**STATEMENT, "rest": ["x", None, 1]}),
    (200, {**STATEMENT, "rest": [{"mode": "client"}]}),
    (
        200,
        {**STATEMENT, "rest": [{"mode": "server", "resource": ["x", {"type": "Nonsense"}, {"type": ["a"]}]}]},
    ),
    (
        200,
        {**STATEMENT, "rest": [{"mode": "server", "resource": [{"type": "Patient", "searchParam": [{}]}]}]},
    ),
    (200, {**STATEMENT, "implementation": "x"}),
    (200, {"resourceType": "OperationOutcome"}),
    (404, {"resourceType": "OperationOutcome"}),
    (404, b"not found"),
    (401, b""),
    (405, b"<html>"),
]


@pytest.mark.parametrize(("status", "body"), BROKEN)
async def test_an_odd_statement_or_none_still_gives_one_that_says_how_to_sign_in(ward, status, body):
    clinic = await ward()
    says(clinic, status, body)
    answer = await clinic.nobody().get("metadata")
    assert answer.status_code == 200
    statement = answer.json()
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["rest"][0]["mode"] == "server"
    assert statement["rest"][0]["security"]["service"]


@pytest.mark.parametrize(("status", "body"), [(500, b"boom"), (503, b""), (200, b"<html>"), (200, b"[]")])
async def test_a_broken_fhir_server_is_told_as_such(ward, status, body):
    clinic = await ward()
    says(clinic, status, body)
    outcome = await clinic.nobody().refused("GET", "metadata", 502)
    assert "boom" not in json.dumps(outcome)
    assert (await clinic.nobody().get(SMART)).status_code == 200


async def test_smart_configuration_needs_no_fhir_server(ward):
    clinic = await ward()

    async def send(request: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamDown("gone")

    clinic.application.fhir.send = send
    assert (await clinic.nobody().get(SMART)).status_code == 200
    await clinic.nobody().refused("GET", "metadata", 502)
