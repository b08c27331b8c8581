"""Revocation over HTTP, at both of its paths."""

import httpx
import pytest

from assent.engine.token_endpoint import respond
from assent.testing.server import TestServer, basic


@pytest.mark.parametrize("path", ["/oauth/token/revoke", "/session/token/revoke"])
async def test_a_revoked_token_is_inactive_and_the_answer_always_200(
    served: TestServer, http: httpx.AsyncClient, path: str
) -> None:
    client = await served.add_client(can_introspect="own", scope=("system/*.rs",))
    token = (await respond(served.server, served.ask(client, grant_type="client_credentials")))[
        "access_token"
    ]
    headers = {"authorization": basic("app")}
    for body in ({"token": token, "token_type": "access_token"}, {"token": token}, {"token": "unknown"}):
        response = await http.post(path, data=body, headers=headers)
        assert response.status_code == 200
        assert response.content == b""
    told = await http.post("/oauth/introspect", data={"token": token}, headers=headers)
    assert told.json() == {"active": False}


async def test_refusals_are_json(served: TestServer, http: httpx.AsyncClient) -> None:
    await served.add_client()
    response = await http.post("/oauth/token/revoke", data={"token": "x"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    response = await http.post("/oauth/token/revoke", data={}, headers={"authorization": basic("app")})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.row("X2")
async def test_web_pages_of_the_client_may_revoke(served: TestServer, http: httpx.AsyncClient) -> None:
    await served.add_client(token_endpoint_auth_method="none", secrets=())
    response = await http.post(
        "/oauth/token/revoke",
        data={"token": "x", "client_id": "app"},
        headers={"origin": "https://app.example"},
    )
    assert response.headers["access-control-allow-origin"] == "https://app.example"
    assert (await http.options("/session/token/revoke")).status_code == 204
