"""Client secrets: several at a time, from and until, quick and slow hashes."""

import asyncio
from collections.abc import AsyncIterator
from threading import Event

import pytest

from assent.engine.client_auth import Presented, authenticate
from assent.engine.client_auth.guesses import FREE_GUESSES, LONGEST_WAIT_SECONDS, Guesses
from assent.engine.client_auth.secrets import MOST_WAITING, WRONG_SECONDS, hash_secret, new_secret
from assent.engine.server import Caller
from assent.records.clients import ClientSecret
from assent.spec.errors import InvalidClient, TooManyRequests
from assent.testing.server import START, TestServer, basic, form

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"


async def is_right(served: TestServer, secret: str, address: str = HERE) -> bool:
    presented = Presented(form(), basic("app", secret), Caller(address))
    try:
        await authenticate(served.server, presented)
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
    served.secrets_of_clients.close()  # from here on nothing can be verified
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


@pytest.fixture
async def slow(served: TestServer) -> TestServer:
    """A server whose client `app` has a secret that people chose."""
    phc = await served.passwords.hash("chosen")
    await served.add_client(secrets=(ClientSecret("1", "", phc),))
    return served


@pytest.fixture
async def stuck(slow: TestServer) -> AsyncIterator[TestServer]:
    """The same, with the thread for client secrets held up until the test is over."""
    go_on = Event()
    slow.secrets_of_clients._pool.submit(go_on.wait)
    yield slow
    go_on.set()


async def guess(served: TestServer, times: int, address: str = HERE) -> None:
    for number in range(times):
        assert not await is_right(served, f"wrong {number}", address)


async def test_people_sign_in_while_client_secrets_wait(slow: TestServer) -> None:
    go_on = Event()
    slow.secrets_of_clients._pool.submit(go_on.wait)
    waiting = asyncio.create_task(is_right(slow, "chosen"))
    phc = await slow.passwords.hash("a password")
    assert await asyncio.wait_for(slow.passwords.verify(phc, "a password"), 60)
    assert not waiting.done()
    go_on.set()
    assert await waiting


async def test_what_waits_is_bounded_and_whoever_was_right_lately_does_not_wait(slow: TestServer) -> None:
    assert await is_right(slow, "chosen")
    go_on = Event()
    slow.secrets_of_clients._pool.submit(go_on.wait)
    addresses = [f"203.0.113.{number}" for number in range(MOST_WAITING + 3)]
    tasks = [asyncio.create_task(is_right(slow, f"wrong {one}", one)) for one in addresses]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # those for whom there is no place
    assert await is_right(slow, "chosen")
    go_on.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers.count(False) == MOST_WAITING
    refused = [answer for answer in answers if answer is not False]
    assert [type(one) for one in refused] == [TooManyRequests] * 3


async def test_those_who_bring_the_same_secret_at_once_share_one_verification(slow: TestServer) -> None:
    assert await asyncio.gather(*(is_right(slow, "chosen") for _ in range(50))) == [True] * 50


async def test_a_wrong_secret_is_remembered_for_some_seconds(slow: TestServer) -> None:
    assert not await is_right(slow, "wrong")
    slow.secrets_of_clients.close()  # from here on nothing can be verified
    for _ in range(3 * FREE_GUESSES):
        assert not await is_right(slow, "wrong")
    slow.clock.advance(WRONG_SECONDS)
    with pytest.raises(RuntimeError, match="shutdown"):
        await is_right(slow, "wrong")


async def test_guessing_from_one_address_has_to_wait(slow: TestServer) -> None:
    await guess(slow, FREE_GUESSES)
    with pytest.raises(TooManyRequests) as refused:
        await is_right(slow, "one more")
    assert refused.value.retry_after_seconds == 1
    slow.clock.advance(1)
    assert not await is_right(slow, "one more")
    with pytest.raises(TooManyRequests) as refused:
        await is_right(slow, "and one more")
    assert refused.value.retry_after_seconds == 2


async def test_guesses_made_at_once_count_too(slow: TestServer) -> None:
    answers = await asyncio.gather(
        *(is_right(slow, f"wrong {number}") for number in range(30)), return_exceptions=True
    )
    assert answers.count(False) == FREE_GUESSES


async def test_a_stranger_locks_no_client_out(slow: TestServer) -> None:
    await guess(slow, FREE_GUESSES, ELSEWHERE)
    assert await is_right(slow, "chosen", HERE)
    assert await is_right(slow, "chosen", ELSEWHERE)  # right lately: nothing has to be verified


async def test_a_right_secret_ends_the_count(slow: TestServer) -> None:
    for _ in range(3):
        await guess(slow, FREE_GUESSES - 1)
        assert await is_right(slow, "chosen")
        slow.clock.advance(301)


async def test_a_secret_of_our_own_making_is_never_held_up(stuck: TestServer) -> None:
    await stuck.add_client("quick", secrets=(ClientSecret("1", "", hash_secret("s")),))
    for _ in range(3 * FREE_GUESSES):
        with pytest.raises(InvalidClient):
            await authenticate(stuck.server, Presented(form(), basic("quick", "wrong"), Caller(HERE)))
    assert await authenticate(stuck.server, Presented(form(), basic("quick", "s"), Caller(HERE)))


def test_the_wait_grows_and_ends() -> None:
    guesses, now, waits = Guesses(), 0, []
    for _ in range(FREE_GUESSES + 12):
        try:
            guesses.begin("app", HERE, now)
        except TooManyRequests as refused:
            waits.append(refused.retry_after_seconds)
            now += refused.retry_after_seconds
            guesses.begin("app", HERE, now)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[LONGEST_WAIT_SECONDS] * 3]
    guesses.begin("app", HERE, now + 601)  # forgotten meanwhile
    guesses.begin("app", HERE, now + 601)
    guesses.begin("other", HERE, now)
    guesses.begin("app", ELSEWHERE, now)
