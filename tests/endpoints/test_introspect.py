"""Introspection over HTTP."""

import httpx
import pytest

from assent.engine.token_endpoint import respond
from assent.testing.server import SECRET, TestServer, basic, private_jwk, public_jwks


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


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/token/revoke"])
async def test_every_way_of_authenticating_is_good_here_too(
    served: TestServer, http: httpx.AsyncClient, path: str
) -> None:
    """RFC 7662 2.1, RFC 7009 2.1: as at the token endpoint."""
    key = private_jwk("ES384", "one")
    await served.add_client("basic", can_introspect="own")
    await served.add_client("post", can_introspect="own", token_endpoint_auth_method="client_secret_post")
    await served.add_client(
        "keys",
        can_introspect="own",
        token_endpoint_auth_method="private_key_jwt",
        jwks=public_jwks(key),
        secrets=(),
    )
    posted = {"client_id": "post", "client_secret": SECRET}
    assertion = served.assertion("keys", key)
    for fields, headers in (
        ({}, {"authorization": basic("basic")}),
        (posted, {}),
        (assertion, {}),
    ):
        answer = await http.post(path, data={"token": "unknown", **fields}, headers=headers)
        assert answer.status_code == 200
    for fields, headers in (
        ({}, {"authorization": basic("basic", "wrong")}),
        (posted | {"client_secret": "wrong"}, {}),
        (assertion, {}),  # its jti was used
    ):
        refused = await http.post(path, data={"token": "unknown", **fields}, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
