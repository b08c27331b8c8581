"""Client secrets: several at a time, from and until, quick and slow hashes."""

import pytest

from assent.engine.client_auth import Presented, authenticate
from assent.engine.client_auth.secrets import hash_secret, new_secret
from assent.records.clients import ClientSecret
from assent.spec.errors import InvalidClient
from assent.testing.server import START, TestServer, basic, form


async def is_right(served: TestServer, secret: str) -> bool:
    try:
        await authenticate(served.server, Presented(form(), basic("app", secret)))
    except InvalidClient:
        return False
    return True


async def test_each_of_several_secrets_is_good(served: TestServer) -> None:
    secrets = (ClientSecret("1", "", hash_secret("old")), ClientSecret("2", "", hash_secret("new")))
    await served.add_client(secrets=secrets)
    assert await is_right(served, "old")
    assert await is_right(served, "new")
    assert not await is_right(served, "older")


async def test_a_secret_is_good_from_its_beginning_to_its_end(served: TestServer) -> None:
    secret = ClientSecret("1", "", hash_secret("s"), activates_at=START + 10, expires_at=START + 20)
    await served.add_client(secrets=(secret,))
    good = []
    for _ in range(25):
        good.append(await is_right(served, "s"))
        served.clock.advance(1)
    assert good == [10 <= second < 20 for second in range(25)]


async def test_the_stored_hash_is_no_secret(served: TestServer) -> None:
    await served.add_client(secrets=(ClientSecret("1", "", hash_secret("s")),))
    assert not await is_right(served, hash_secret("s"))


async def test_a_new_secret_is_random_and_only_its_hash_is_kept(served: TestServer) -> None:
    secret, stored = new_secret(served.server)
    assert stored == hash_secret(secret)
    assert len(secret) == 43
    assert secret not in stored
    assert new_secret(served.server)[0] != secret


async def test_an_imported_secret_has_a_slow_hash(served: TestServer) -> None:
    phc = await served.passwords.hash("chosen by people")
    await served.add_client(secrets=(ClientSecret("1", "", phc),))
    assert await is_right(served, "chosen by people")
    assert not await is_right(served, "chosen by somebody else")


async def test_a_slow_secret_once_verified_is_remembered_for_five_minutes(served: TestServer) -> None:
    phc = await served.passwords.hash("chosen")
    await served.add_client(secrets=(ClientSecret("1", "", phc),))
    assert await is_right(served, "chosen")
    served.passwords.close()  # from here on nothing can be verified
    assert await is_right(served, "chosen")
    served.clock.advance(301)
    with pytest.raises(RuntimeError, match="shutdown"):
        await is_right(served, "chosen")


async def test_an_expired_slow_secret_is_refused_though_it_is_remembered(served: TestServer) -> None:
    phc = await served.passwords.hash("chosen")
    await served.add_client(secrets=(ClientSecret("1", "", phc, expires_at=START + 10),))
    assert await is_right(served, "chosen")
    served.clock.advance(10)
    assert not await is_right(served, "chosen")


async def test_a_client_without_secrets_is_refused(served: TestServer) -> None:
    await served.add_client(secrets=())
    assert not await is_right(served, "anything")
