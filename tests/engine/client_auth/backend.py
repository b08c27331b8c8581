"""A backend that signs in with client assertions, for the tests of their rules."""

from typing import Any

import pytest

from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.errors import InvalidClient
from assent.testing.server import TestServer, private_jwk, public_jwks

ES = private_jwk("ES384", "es")
RS = private_jwk("RS384", "rs")


async def add_backend(served: TestServer, **fields: Any) -> Client:
    """A client that authenticates by a signed assertion; `fields` stand over its own."""
    defaults: dict[str, Any] = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": public_jwks(ES, RS),
        "secrets": (),
        "scope": ("system/*.rs",),
    }
    return await served.add_client("backend", **{**defaults, **fields})


async def ask(served: TestServer, client: Client, **fields: str | None) -> dict[str, Any]:
    """What a request for a token is answered, credentials in `fields`."""
    return await respond(
        served.server,
        served.ask(client, grant_type="client_credentials", scope="system/Patient.rs", **fields),
    )


async def refusal_of(served: TestServer, client: Client, fields: dict[str, str]) -> str:
    """Why a request for a token with these credentials is refused, as the log has it."""
    with pytest.raises(InvalidClient) as caught:
        await ask(served, client, **fields)
    assert caught.value.description == "client authentication failed"
    return (caught.value.detail or "").removeprefix("client_assertion: ")
