"""Who may read an answer from a web page."""

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assent.spec.errors import InvalidGrant
from assent.web.cors import (
    allow_any,
    allow_client,
    answer_preflight,
    client_headers,
    is_client_origin,
    is_preflight,
)
from web.surfaces import Client, around

URIS = ("https://app.example/done", "http://127.0.0.1/done", "http://localhost:9000/done", "org.example:/x")


async def token(request: Request) -> Response:
    if is_preflight(request):
        return answer_preflight("POST")
    allow_client(request, URIS)
    raise InvalidGrant("the code is unknown")


async def keys(request: Request) -> Response:
    allow_any(request)
    return JSONResponse({})


@pytest.fixture(scope="module")
def client() -> Client:
    routes = [Route("/token", token, methods=["POST", "OPTIONS"]), Route("/keys", keys)]
    return around(*routes)


@pytest.mark.row("X2")
@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [
        ("https://app.example", True),
        ("http://127.0.0.1:5173", True),
        ("http://127.0.0.1", True),
        ("http://localhost:9000", True),
        ("http://localhost:9001", False),
        ("http://app.example", False),
        ("https://app.example:8443", False),
        ("https://app.example.evil.example", False),
        ("https://127.0.0.1:5173", False),
        ("https://app.example/done", False),
        ("null", False),
        ("org.example:", False),
    ],
)
def test_a_client_is_called_from_the_origins_of_its_redirect_uris(origin: str, is_welcome: bool) -> None:
    assert is_client_origin(origin, URIS) is is_welcome
    names = dict(client_headers(origin, URIS))
    assert (names.get("Access-Control-Allow-Origin") == origin) is is_welcome
    assert names["Vary"] == "Origin"


@pytest.mark.row("X2")
def test_a_preflight_is_answered_for_any_origin(client: Client) -> None:
    answer = client.request(
        "OPTIONS",
        "/token",
        headers={"Origin": "https://any.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match", "dpop", "prefer"} <= set(allowed)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.row("X2")
def test_a_refusal_can_be_read_by_the_client_too(client: Client) -> None:
    answer = client.post("/token", headers={"Origin": "https://app.example"})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"ETag", "Location", "WWW-Authenticate"} <= exposed
    assert answer.headers["vary"] == "Origin"


def test_another_origin_cannot_read_the_answer(client: Client) -> None:
    answer = client.post("/token", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "Origin"


def test_public_answers_are_for_any_origin(client: Client) -> None:
    assert client.get("/keys").headers["access-control-allow-origin"] == "*"
