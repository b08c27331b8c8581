"""Signing keys as an administrator sees them."""

import pytest

from assent.actions.keys import import_keys, list_keys, rotate_keys
from assent.actions.refusals import Refused
from assent.engine.settings import EngineSettings
from assent.testing.server import TestServer, a_server, private_jwk


async def states(served: TestServer) -> dict[str, str]:
    """What each key does now."""
    return {listed.key.kid: listed.state for listed in await list_keys(served.server)}


async def test_a_rotated_key_signs_and_the_old_one_is_published_until_its_tokens_are_over(
    served: TestServer,
) -> None:
    [new] = await rotate_keys(served.server, served.sealer, actor="tests")

    assert await states(served) == {new.kid: "signing", "server-RS256": "retired"}
    token = await served.server.keys.sign("RS256", "JWT", {})
    assert await served.server.keys.verify(token, "JWT") == {}
    served.clock.advance(86_400)
    assert await states(served) == {new.kid: "signing", "server-RS256": "removed"}


async def test_a_lead_publishes_before_it_signs(served: TestServer) -> None:
    [new] = await rotate_keys(served.server, served.sealer, actor="tests", lead_seconds=60)

    assert await states(served) == {new.kid: "waiting", "server-RS256": "signing"}
    assert new.kid in {key["kid"] for key in (await served.server.keys.published())["keys"]}
    served.clock.advance(60)
    assert await states(served) == {new.kid: "signing", "server-RS256": "retired"}


async def test_without_an_algorithm_every_one_in_use_is_rotated() -> None:
    served = await a_server(EngineSettings(access_token_alg="ES256"))

    keys = await rotate_keys(served.server, served.sealer, actor="tests")

    assert [key.alg for key in keys] == ["RS256", "ES256"]
    await served.close()


async def test_an_imported_key_keeps_kid_and_alg_and_the_older_one_stands_by(served: TestServer) -> None:
    served.clock.advance(1)

    [key] = await import_keys(
        served.server, served.sealer, {"keys": [private_jwk("RS256", "from-elsewhere")]}, actor="tests"
    )

    assert (key.kid, key.alg) == ("from-elsewhere", "RS256")
    assert "d" not in key.public_jwk
    assert await states(served) == {"from-elsewhere": "signing", "server-RS256": "standby"}


@pytest.mark.parametrize("document", [None, [], {}, {"keys": [{"kty": "RSA"}]}])
async def test_what_is_no_private_key_set_is_refused(served: TestServer, document: object) -> None:
    with pytest.raises(Refused):
        await import_keys(served.server, served.sealer, document, actor="tests")


@pytest.mark.parametrize(("alg", "lead"), [("HS256", 0), ("none", 0), ("RS256", -1)])
async def test_a_rotation_that_cannot_be_is_refused(served: TestServer, alg: str, lead: int) -> None:
    with pytest.raises(Refused):
        await rotate_keys(served.server, served.sealer, alg, actor="tests", lead_seconds=lead)
    assert await states(served) == {"server-RS256": "signing"}
