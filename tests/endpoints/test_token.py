"""The token endpoint over HTTP: the form of requests, answers and refusals."""

from typing import Any

import httpx
import msgspec
import pytest

from assent.storage.tables import AUDIT
from assent.testing.server import REDIRECT_URI, SECRET, VERIFIER, TestServer, basic, private_jwk, public_jwks

CC = {"grant_type": "client_credentials", "scope": "system/*.rs"}
FORM = "application/x-www-form-urlencoded"


async def add_backend(served: TestServer) -> None:
    await served.add_client("backend", scope=("system/*.rs",))


def assert_not_kept(response: httpx.Response) -> None:
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    assert response.headers["content-type"] == "application/json"


@pytest.mark.row("T1", "T4", "T6", "B1", "B4")
async def test_a_token_is_answered_in_json_that_nobody_keeps(
    served: TestServer, http: httpx.AsyncClient
) -> None:
    await add_backend(served)
    response = await http.post("/oauth/token", data=CC, headers={"authorization": basic("backend")})
    assert response.status_code == 200
    assert_not_kept(response)
    body = response.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 300
    assert body["scope"] == "system/*.rs"
    assert body["access_token"]


@pytest.mark.row("T1", "T4", "T13")
async def test_a_code_is_redeemed_and_refreshed(served: TestServer, http: httpx.AsyncClient) -> None:
    client = await served.add_client(token_endpoint_auth_method="none", secrets=())
    grant = await served.add_grant(
        client, await served.add_person(), "openid launch/patient patient/*.rs offline_access"
    )
    first = await http.post(
        "/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": await served.add_code(grant),
            "redirect_uri": REDIRECT_URI,
            "client_id": "app",
            "code_verifier": VERIFIER,
        },
    )
    assert first.status_code == 200
    second = await http.post(
        "/oauth/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": first.json()["refresh_token"],
            "client_id": "app",
        },
    )
    assert second.status_code == 200
    assert_not_kept(second)
    required = {"access_token", "token_type", "expires_in", "scope", "patient"}
    assert required <= second.json().keys()


@pytest.mark.row("D20")
async def test_names_of_headers_may_be_in_any_case(served: TestServer, http: httpx.AsyncClient) -> None:
    await add_backend(served)
    headers = {"AUTHORIZATION": basic("backend"), "Content-TYPE": FORM}
    content = b"grant_type=client_credentials&scope=system/*.rs"
    assert (await http.post("/oauth/token", content=content, headers=headers)).status_code == 200


async def test_two_authorization_headers_are_refused(served: TestServer, http: httpx.AsyncClient) -> None:
    await add_backend(served)
    headers = [("authorization", basic("backend")), ("authorization", basic("other"))]
    response = await http.post("/oauth/token", data=CC, headers=headers)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.row("T5", "T6", "B3")
async def test_a_refusal_is_json_with_code_words_and_reference(
    served: TestServer, http: httpx.AsyncClient
) -> None:
    await add_backend(served)
    response = await http.post(
        "/oauth/token", data=CC | {"scope": "openid"}, headers={"authorization": basic("backend")}
    )
    assert response.status_code == 400
    assert_not_kept(response)
    body = response.json()
    assert body["error"] == "invalid_scope"
    (row,) = await served.server.storage.find(AUDIT, {"type": "token.refused"})
    assert row.reference is not None
    assert body["error_description"].endswith(f"(reference {row.reference})")


async def test_a_failed_basic_header_is_answered_with_401_and_the_scheme(
    served: TestServer, http: httpx.AsyncClient
) -> None:
    await add_backend(served)
    response = await http.post("/oauth/token", data=CC, headers={"authorization": basic("backend", "no")})
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.headers["www-authenticate"].startswith("Basic realm=")
    assert_not_kept(response)


async def test_unknown_and_wrong_look_alike(served: TestServer, http: httpx.AsyncClient) -> None:
    await add_backend(served)
    answers = [
        await http.post("/oauth/token", data=CC, headers={"authorization": header})
        for header in (basic("backend", "no"), basic("nobody"))
    ]
    bodies = [answer.json()["error_description"].partition("(")[0] for answer in answers]
    assert bodies[0] == bodies[1]
    assert answers[0].status_code == answers[1].status_code == 401


@pytest.mark.row("T1", "T5")
@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (msgspec.json.encode(CC), "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials", "multipart/form-data; boundary=x"),
        (b"grant_type=client_credentials", f"{FORM}; charset=iso-8859-1"),
        (b"grant_type=client_credentials", None),
        (b"grant_type=\xff", FORM),
        (b"grant_type=%ff", FORM),
        (b"grant_type=a%00b", FORM),
        (b"", FORM),
        (b"&&&=&=", FORM),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM),
        (b"grant_type=client_credentials&x=1&x=2", FORM),
        (b"&".join(b"p%d=1" % number for number in range(600)), FORM),
    ],
)
async def test_a_body_that_is_no_clean_form_is_refused(
    served: TestServer, http: httpx.AsyncClient, content: bytes, content_type: str | None
) -> None:
    await add_backend(served)
    headers = {"authorization": basic("backend")}
    if content_type is not None:
        headers["content-type"] = content_type
    response = await http.post("/oauth/token", content=content, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"
    assert_not_kept(response)


async def test_an_oversized_body_is_refused(served: TestServer, http: httpx.AsyncClient) -> None:
    await add_backend(served)
    response = await http.post(
        "/oauth/token",
        data=CC | {"scope": "x" * 70_000},
        headers={"authorization": basic("backend")},
    )
    assert response.status_code == 413


@pytest.mark.row("T1")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_taken(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/oauth/token")
    assert response.status_code == 405


@pytest.mark.row("T1")
async def test_parameters_in_the_query_count_for_nothing(served: TestServer, http: httpx.AsyncClient) -> None:
    await add_backend(served)
    response = await http.post(
        "/oauth/token?grant_type=client_credentials&client_secret=x",
        data={"x": "1"},
        headers={"authorization": basic("backend")},
    )
    assert response.json()["error_description"].startswith("grant_type is required")


@pytest.mark.row("K5", "K14")
async def test_an_assertion_works_once_over_http(served: TestServer, http: httpx.AsyncClient) -> None:
    key = private_jwk("RS384", "one")
    await served.add_client(
        "backend",
        token_endpoint_auth_method="private_key_jwt",
        jwks=public_jwks(key),
        scope=("system/*.rs",),
    )
    data = CC | served.assertion("backend", key)
    assert (await http.post("/oauth/token", data=data)).status_code == 200
    again = await http.post("/oauth/token", data=data)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.row("X2")
@pytest.mark.parametrize("origin", ["https://app.example", "https://other.example", "null"])
async def test_web_pages_of_the_client_may_read_answers_and_refusals(
    served: TestServer, http: httpx.AsyncClient, origin: str
) -> None:
    client = await served.add_client(token_endpoint_auth_method="none", secrets=())
    grant = await served.add_grant(client, await served.add_person(), "patient/*.rs")
    data: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": await served.add_code(grant),
        "redirect_uri": REDIRECT_URI,
        "client_id": "app",
        "code_verifier": VERIFIER,
    }
    for expected in (200, 400):
        response = await http.post("/oauth/token", data=data, headers={"origin": origin})
        assert response.status_code == expected
        allowed = response.headers.get("access-control-allow-origin")
        assert allowed == (origin if origin == "https://app.example" else None)
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.row("X2")
async def test_a_preflight_is_answered_for_any_origin(http: httpx.AsyncClient) -> None:
    response = await http.options(
        "/oauth/token",
        headers={
            "origin": "https://anybody.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization, content-type",
        },
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in response.headers["access-control-allow-headers"]


async def test_secrets_are_never_logged(served: TestServer, http: httpx.AsyncClient, log: Any) -> None:
    await add_backend(served)
    await http.post("/oauth/token", data={"client_id": "backend", "client_secret": SECRET, "code": "a-code"})
    rows = await served.server.storage.find(AUDIT)
    assert log.lines
    assert SECRET not in repr((log.lines, rows))
    assert "a-code" not in repr((log.lines, rows))
