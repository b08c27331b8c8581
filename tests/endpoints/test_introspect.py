"""Introspection over HTTP."""

import httpx
import pytest

from assent.engine.token_endpoint import respond
from assent.testing.server import TestServer, basic


@pytest.mark.row("N1", "N6")
async def test_it_is_a_post_answered_in_json_that_nobody_keeps(
    served: TestServer, http: httpx.AsyncClient
) -> None:
    client = await served.add_client(can_introspect="own", scope=("system/*.rs",))
    token = (await respond(served.server, served.ask(client, grant_type="client_credentials")))[
        "access_token"
    ]
    headers = {"authorization": basic("app")}
    active = await http.post("/oauth/introspect", data={"token": token}, headers=headers)
    assert active.json()["active"] is True
    assert active.headers["cache-control"] == "no-store"
    inactive = await http.post("/oauth/introspect", data={"token": "x"}, headers=headers)
    assert inactive.status_code == 200
    assert inactive.content == b'{"active":false}'
    assert (await http.get("/oauth/introspect", params={"token": token})).status_code == 405


async def test_refusals_are_json(served: TestServer, http: httpx.AsyncClient) -> None:
    await served.add_client()
    headers = {"authorization": basic("app")}
    answers = [
        (await http.post("/oauth/introspect", data={"token": "x"}, headers=headers), 403, "access_denied"),
        (await http.post("/oauth/introspect", data={"token": "x"}), 401, "invalid_client"),
        (
            await http.post("/oauth/introspect", data={"token": "x"}, headers={"authorization": "Bearer x"}),
            401,
            "invalid_token",
        ),
    ]
    for response, status, error in answers:
        assert (response.status_code, response.json()["error"]) == (status, error)
