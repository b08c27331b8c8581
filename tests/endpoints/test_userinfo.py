"""Userinfo over HTTP."""

import httpx
import pytest

from assent.testing.server import TestServer


async def a_token(served: TestServer, scope: str) -> str:
    client = await served.add_client()
    grant = await served.add_grant(client, await served.add_person(), scope)
    body = await served.redeem(client, grant)
    return str(body["access_token"])


@pytest.mark.row("O4")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_bearer_is_told_in_json(served: TestServer, http: httpx.AsyncClient, method: str) -> None:
    token = await a_token(served, "openid profile")
    headers = {"authorization": f"Bearer {token}", "origin": "https://app.example"}
    response = await http.request(method, "/oauth/userinfo", headers=headers)
    assert response.status_code == 200
    assert response.json()["preferred_username"] == "amy"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["access-control-allow-origin"] == "https://app.example"


async def test_without_a_token_the_scheme_is_named_and_no_error(http: httpx.AsyncClient) -> None:
    response = await http.get("/oauth/userinfo")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="assent"'


async def test_a_bad_token_and_a_token_without_openid_are_refused(
    served: TestServer, http: httpx.AsyncClient
) -> None:
    response = await http.get("/oauth/userinfo", headers={"authorization": "Bearer x"})
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    token = await a_token(served, "patient/*.rs")
    response = await http.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 403
    assert 'error="insufficient_scope"' in response.headers["www-authenticate"]


@pytest.mark.row("X2")
async def test_a_preflight_is_answered(http: httpx.AsyncClient) -> None:
    response = await http.options("/oauth/userinfo", headers={"origin": "https://app.example"})
    assert response.status_code == 204
