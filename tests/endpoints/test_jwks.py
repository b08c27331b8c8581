"""The published keys."""

import httpx
import pytest

from assent.engine.key_changes import rotate_key
from assent.engine.keys import RELOAD_SECONDS
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
    assert response.headers["cache-control"] == "no-cache"
    (key,) = response.json()["keys"]
    assert (key["kty"], key["kid"], key["alg"], key["use"]) == ("RSA", "server-RS256", "RS256", "sig")
    assert not PRIVATE_MEMBERS & key.keys()


@pytest.mark.row("O3")
@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/jwk"])
async def test_whoever_has_the_set_asks_whether_it_is_still_the_same(
    served: TestServer, http: httpx.AsyncClient, path: str
) -> None:
    first = await http.get(path)
    again = {"if-none-match": first.headers["etag"]}
    same = await http.get(path, headers=again)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert same.headers["access-control-allow-origin"] == "*"
    rotated = await rotate_key(served.server, served.sealer, "RS256", actor=None)
    served.clock.advance(RELOAD_SECONDS)
    changed = await http.get(path, headers=again)
    assert changed.status_code == 200
    assert rotated.kid in [key["kid"] for key in changed.json()["keys"]]
