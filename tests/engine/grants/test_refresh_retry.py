"""The retry window of a refresh whose answer was lost: one chain lives, and theft is still seen."""

import asyncio
from typing import Any

import pytest

from assent.engine.handles import hash_handle
from assent.spec.errors import InvalidGrant
from assent.storage.tables import REFRESH_TOKENS
from assent.testing.server import TestServer
from engine.grants.refreshing import SCOPE, a_grant, is_revoked, refresh


async def test_a_lost_answer_may_be_asked_for_again_within_the_window(served: TestServer) -> None:
    client, grant, token = await a_grant(served, refresh_retry_seconds=10)
    await refresh(served, client, token)  # this answer is lost
    served.clock.advance(10)
    again = await refresh(served, client, token)
    assert again["scope"] == SCOPE
    assert again["patient"] == "p1"
    assert await refresh(served, client, again["refresh_token"])
    assert not await is_revoked(served, grant)


async def test_by_default_there_is_no_window(served: TestServer) -> None:
    client, grant, token = await a_grant(served)
    await refresh(served, client, token)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    assert await is_revoked(served, grant)


async def test_after_the_window_a_second_use_ends_the_grant(served: TestServer) -> None:
    client, grant, token = await a_grant(served, refresh_retry_seconds=10)
    await refresh(served, client, token)
    served.clock.advance(6)
    await refresh(served, client, token)
    served.clock.advance(5)  # the window counts from the first use
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    assert await is_revoked(served, grant)


async def test_once_the_successor_was_used_a_second_use_ends_the_grant(served: TestServer) -> None:
    client, grant, token = await a_grant(served, refresh_retry_seconds=10)
    successor = (await refresh(served, client, token))["refresh_token"]
    await refresh(served, client, successor)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    assert await is_revoked(served, grant)


async def test_whoever_brings_the_answer_that_was_set_aside_ends_the_grant(served: TestServer) -> None:
    client, grant, token = await a_grant(served, refresh_retry_seconds=10)
    set_aside = (await refresh(served, client, token))["refresh_token"]
    again = (await refresh(served, client, token))["refresh_token"]
    with pytest.raises(InvalidGrant):
        await refresh(served, client, set_aside)
    assert await is_revoked(served, grant)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, again)


async def test_within_the_window_at_most_one_chain_lives(served: TestServer) -> None:
    client, _, token = await a_grant(served, refresh_retry_seconds=10)
    await asyncio.gather(*(refresh(served, client, token) for _ in range(20)), return_exceptions=True)
    for _ in range(3):
        await asyncio.gather(*(refresh(served, client, token) for _ in range(20)), return_exceptions=True)
    stored = await served.server.storage.find(REFRESH_TOKENS)
    assert sum(row.used_at == 0 for row in stored) == 1


@pytest.mark.parametrize("retry_first", [True, False])
async def test_a_retry_and_a_use_of_the_answer_at_once_leave_one_chain(
    served: TestServer, retry_first: bool
) -> None:
    client, _, token = await a_grant(served, refresh_retry_seconds=10)
    for _ in range(5):
        successor = (await refresh(served, client, token))["refresh_token"]
        asked = [token, successor] if retry_first else [successor, token]
        answers = await asyncio.gather(
            *(refresh(served, client, one) for one in asked), return_exceptions=True
        )
        stored = await served.server.storage.find(REFRESH_TOKENS)
        assert sum(row.used_at == 0 for row in stored) == 1
        (token,) = [answer["refresh_token"] for answer in answers if isinstance(answer, dict)]


async def test_parallel_retries_leave_one_chain_and_the_grant_alive(served: TestServer) -> None:
    client, grant, token = await a_grant(served, refresh_retry_seconds=30)

    async def retry(later: int) -> dict[str, Any]:
        for _ in range(later):  # each comes at another moment of the one before
            await asyncio.sleep(0)
        return await refresh(served, client, token)

    answers = await asyncio.gather(*(retry(later) for later in range(20)), return_exceptions=True)
    won = [answer["refresh_token"] for answer in answers if isinstance(answer, dict)]
    assert won
    assert all(type(answer) is InvalidGrant for answer in answers if not isinstance(answer, dict))
    assert not await is_revoked(served, grant)
    stored = await served.server.storage.find(REFRESH_TOKENS)
    (live,) = [row.token_hash for row in stored if row.used_at == 0]
    (newest,) = [text for text in won if hash_handle(text) == live]
    assert await refresh(served, client, newest)
