"""The published keys."""

import httpx
import pytest

from assent.spec.jose import PRIVATE_MEMBERS
from assent.testing.server import TestServer


@pytest.mark.row("O3", "D5")
@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/jwk"])
async def test_public_keys_alone_are_published(
    served: TestServer, http: httpx.AsyncClient, path: str
) -> None:
    response = await http.get(path, headers={"origin": "https://anybody.example"})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "public, max-age=60"
    (key,) = response.json()["keys"]
    assert (key["kty"], key["kid"], key["alg"], key["use"]) == ("RSA", "server-RS256", "RS256", "sig")
    assert not PRIVATE_MEMBERS & key.keys()
