"""Which web pages may use a trusted issuer's access tokens: the origins of its definition, exactly, and no others."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from applications import OpenWith
from assent.actions.providers.providers import edit_provider
from assent.actions.refusals import Refused
from gateway.test_foreign_tokens import TRUSTED, token
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import desk_of

OWN, LOOPBACK = "https://app.example", "http://127.0.0.1:8080"


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    """A provider whose tokens are trusted, for the pages of one origin, and Amy, who has been here once."""
    async with a_forger(open_with, **TRUSTED, allowed_origins=[OWN, LOOPBACK]) as one:
        one.claims = {"fhirUser": "Patient/amy"}
        assert "code" in (await one.arrive()).answered
        yield one


async def send(forger: Forger, method: str, path: str, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with forger.home.http() as client:
        return await client.request(method, f"/fhir/{path}", headers=sent)


async def ask(forger: Forger, origin: str, path: str = "Patient/amy", text: str = "") -> httpx.Response:
    return await send(forger, "GET", path, Origin=origin, Authorization=f"Bearer {text or token(forger)}")


@pytest.mark.parametrize("origin", [OWN, LOOPBACK])
async def test_pages_of_a_listed_origin_read_the_data(forger: Forger, origin: str) -> None:
    answer = await ask(forger, origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "*",
        "",
        "http://app.example",
        "https://app.example/",
        "https://APP.example",
        "https://app.example:444",
        "https://app.example.evil",
        "http://127.0.0.1:8081",
        "http://localhost:8080",
    ],
)
async def test_no_other_page_does(forger: Forger, origin: str) -> None:
    answer = await ask(forger, origin)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_redirect_uris_of_our_own_clients_open_nothing_to_a_foreign_token(forger: Forger) -> None:
    await edit_provider(desk_of(forger.home), "clinic", {"allowed_origins": None}, actor=None)
    client = {"client_id": "app"}  # a client of ours, with pages at OWN
    answer = await ask(forger, OWN, text=token(forger, **client))
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_of_a_listed_origin_read_why_they_were_refused(forger: Forger) -> None:
    for path, status in (("Patient/chidi", 404), ("Condition?foo=bar", 400)):
        answer = await ask(forger, OWN, path)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, OWN)
        assert "access-control-allow-origin" not in (await ask(forger, "https://evil.example", path)).headers


async def test_any_page_reads_that_the_token_is_not_good_or_cannot_be_looked_at(forger: Forger) -> None:
    answer = await ask(forger, OWN, text=token(forger, exp=1))
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "*")
    forger.home.clock.advance(400)
    forger.answers["/jwks"] = lambda: web.Response(status=500)
    answer = await ask(forger, OWN)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, "*")


async def test_the_preflight_lets_the_request_come(forger: Forger) -> None:
    asked = {"Origin": OWN, "Access_Control_Request_Method": "GET"}
    answer = await send(
        forger, "OPTIONS", "Patient/amy", **asked, Access_Control_Request_Headers="authorization"
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert forger.asked.count("/introspect") == 0


@pytest.mark.parametrize(
    "origins",
    [
        ["*"],
        ["null"],
        ["https://*.example"],
        ["https://app.example/"],
        ["https://app.example/app"],
        ["https://app.example:443"],
        ["http://app.example"],
        ["https://me@app.example"],
        ["app.example"],
        "https://app.example",
        [7],
    ],
)
async def test_what_is_no_origin_is_refused_in_a_definition(forger: Forger, origins: Any) -> None:
    with pytest.raises(Refused, match="allowed_origins"):
        await edit_provider(desk_of(forger.home), "clinic", {"allowed_origins": origins}, actor=None)


async def test_origins_without_trust_in_the_tokens_are_refused(forger: Forger) -> None:
    with pytest.raises(Refused, match="no effect without trusted_for resource_server"):
        await edit_provider(desk_of(forger.home), "clinic", {"trusted_for": ["sign_in"]}, actor=None)
