"""The backend service: its four steps, and what it says when one of them fails."""

import dataclasses
import json
import socket
from pathlib import Path

import aiohttp
import httpx
import pytest
from running_site import Running
from starlette.applications import Starlette
from starlette.responses import JSONResponse

from assent.demo.pages.backend import ASSERTION_TYPE, summarise
from assent.demo.pages.exchange import advise, send, shorten
from assent.demo.pages.routes import routes
from assent.demo.pages.site import DemoSite
from assent.spec.jose import new_private_jwk, read_public_key, read_unverified, verify


def run(running: Running, search: str = "Patient?_count=10") -> httpx.Response:
    return httpx.post(f"{running.url}/demo/backend", data={"search": search}, timeout=60)


async def run_in_process(site: DemoSite) -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=routes(site)))
    async with httpx.AsyncClient(transport=transport, base_url=site.issuer_url) as client:
        return await client.post("/demo/backend", data={"search": "Patient?_count=10"})


def test_the_service_signs_in_with_its_key_and_finds_patients(running: Running) -> None:
    page = run(running).text
    assert "Amy Okafor" in page
    assert "born 1984-03-09" in page
    assert "went-wrong" not in page
    [sent] = running.stub.sent_to("/oauth/token")
    assert sent["grant_type"] == "client_credentials"
    assert sent["client_assertion_type"] == ASSERTION_TYPE
    assert sent["authorization"] == ""
    assert sent["client_assertion"] not in page


def test_the_assertion_says_what_the_specification_asks_for(running: Running) -> None:
    run(running)
    [sent] = running.stub.sent_to("/oauth/token")
    assertion = read_unverified(sent["client_assertion"])
    claims = verify(assertion, read_public_key(running.stub.backend_key.as_dict(private=False)), ("ES384",))
    assert assertion.header == {"alg": "ES384", "typ": "JWT", "kid": "backend-1"}
    assert claims["iss"] == claims["sub"] == "demo-backend"
    assert claims["aud"] == f"{running.url}/oauth/token"
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["jti"]


def test_every_run_has_a_jti_of_its_own(running: Running) -> None:
    run(running)
    run(running)
    jtis = {
        read_unverified(sent["client_assertion"]).claims["jti"]
        for sent in running.stub.sent_to("/oauth/token")
    }
    assert len(jtis) == 2


async def test_an_rsa_key_signs_with_rs384(running: Running, tmp_path: Path) -> None:
    site = dataclasses.replace(running.site, folder=tmp_path)
    site.backend_key_path.write_bytes(json.dumps(new_private_jwk("RS384", "rsa-1")).encode())
    running.stub.answers["/oauth/token"] = JSONResponse({"error": "invalid_client"}, 401)
    await run_in_process(site)
    [sent] = running.stub.sent_to("/oauth/token")
    assert read_unverified(sent["client_assertion"]).header["alg"] == "RS384"


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/fhir/.well-known/smart-configuration", 500, {"error": "server_error"}),
        ("/oauth/token", 401, {"error": "invalid_client", "error_description": "no such key"}),
        ("/oauth/token", 400, {"error": "invalid_scope"}),
        ("/fhir/Patient", 403, {"resourceType": "OperationOutcome"}),
    ],
)
def test_a_refusal_is_shown_with_what_to_do(
    running: Running, path: str, status: int, error: dict[str, str]
) -> None:
    running.stub.answers[path] = JSONResponse(error, status)
    page = run(running).text
    assert page.count("went-wrong") == 1
    assert "It stopped at" in page
    assert "What to do:" in page


def test_a_search_that_finds_nothing_is_no_failure(running: Running) -> None:
    running.stub.answers["/fhir/Patient"] = JSONResponse({"resourceType": "Bundle", "type": "searchset"})
    page = run(running).text
    assert "allowed and found nothing" in page
    assert "went-wrong" not in page


@pytest.mark.parametrize(
    "content", [None, "not json", "[]", '{"kty": "EC"}', '{"kty": "oct", "k": "AA", "d": "x"}']
)
async def test_a_key_file_that_cannot_be_used_is_named(
    running: Running, tmp_path: Path, content: str | None
) -> None:
    site = dataclasses.replace(running.site, folder=tmp_path)
    if content is not None:
        site.backend_key_path.write_text(content)
    page = (await run_in_process(site)).text
    assert "demo-backend.jwk.json" in page
    assert "assent demo --folder" in page
    assert running.stub.calls == []


@pytest.mark.parametrize("search", ["", "../oauth/token", "Patient", "http://evil.example/"])
def test_only_the_offered_searches_are_sent(running: Running, search: str) -> None:
    assert run(running, search).status_code == 400
    assert running.stub.calls == []


async def test_an_address_where_nobody_answers_is_an_exchange_without_a_status() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with aiohttp.ClientSession() as session:
        exchange = await send(session, "Anything", "GET", f"http://127.0.0.1:{port}/")
    assert exchange.status is None
    assert not exchange.ok
    assert "Is the server running" in exchange.advice


def test_tokens_are_shortened_and_short_texts_are_not() -> None:
    assert shorten("a" * 40) == "a" * 40
    assert shorten("abc" * 100) == "abcabcabcabcabca…abcabc (300 characters)"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, {"a": 1}, ""),
        (200, {}, "not a JSON object"),
        (400, {"error": "invalid_scope"}, "client's list"),
        (400, {"error": ["invalid_scope"]}, "could not do it"),
        (401, {}, "not accepted"),
        (403, {}, "permission"),
        (404, {}, "nothing at this address"),
        (500, {"error": "unheard_of"}, "could not do it"),
    ],
)
def test_advice_follows_the_error_and_else_the_status(
    status: int, answer: dict[str, object], words: str
) -> None:
    assert words in advise(status, answer)
    assert bool(words) == bool(advise(status, answer))


@pytest.mark.parametrize(
    ("resource", "line"),
    [
        ({"resourceType": "Patient", "id": "a"}, ("Patient/a", "", "born unknown")),
        (
            {"resourceType": "Observation", "id": "o", "code": {"coding": [{"display": "Weight"}]}}
            | {"valueQuantity": {"value": 61, "unit": "kg"}},
            ("Observation/o", "Weight", "61 kg"),
        ),
        (
            {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}}
            | {"subject": {"reference": "Patient/a"}},
            ("Condition/c", "Asthma", "Patient/a"),
        ),
        ({"resourceType": "Basic", "id": "b"}, ("Basic/b", "", "")),
    ],
)
def test_a_resource_is_summarised_in_a_line(resource: dict[str, object], line: tuple[str, str, str]) -> None:
    assert summarise(resource) == line
