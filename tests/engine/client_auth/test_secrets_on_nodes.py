"""Guesses at a client's secret are limited on all nodes together; whoever is right pays for nobody's guesses."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from assent.engine.client_auth.secrets import ClientSecrets
from assent.engine.recent_counts import RecentCounts
from assent.engine.server import AuthorizationServer
from assent.engine.settings import EngineSettings
from assent.records.clients import Client, ClientSecret
from assent.spec.errors import InvalidClient, TooManyRequests
from assent.storage.tables import AUDIT, THROTTLES
from assent.testing.server import TestServer, a_server

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"


@dataclass
class Node:
    """One process: its own memory, the same database."""

    server: AuthorizationServer
    secrets: ClientSecrets
    client: Client

    async def is_right(self, secret: str, address: str = HERE) -> bool:
        try:
            await self.secrets.check(self.server, self.client, secret, address)
        except InvalidClient:
            return False
        return True


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    served = await a_server(EngineSettings(secret_guesses_per_hour=6))
    yield served
    await served.close()


@pytest.fixture
async def nodes(served: TestServer) -> tuple[Node, Node]:
    phc = await served.passwords.hash("chosen")
    client = await served.add_client(secrets=(ClientSecret("1", "", phc),))

    def node() -> Node:
        server = replace(served.server, counts=RecentCounts())
        return Node(server, ClientSecrets(os.urandom(32), served.secrets_of_clients), client)

    return node(), node()


async def test_two_nodes_take_no_more_guesses_than_one(nodes: tuple[Node, Node]) -> None:
    for number in range(6):
        assert not await nodes[number % 2].is_right(f"wrong {number}")
    for node in nodes:
        with pytest.raises(TooManyRequests) as refused:
            await node.is_right("one more")
        assert refused.value.retry_after_seconds == 3600
    [event] = await nodes[0].server.storage.find(AUDIT, {"type": "rate.limited"})
    assert (event.client_id, event.address) == ("app", HERE)
    assert event.detail is not None
    assert event.detail["limit"] == "client_secret"


async def test_another_place_is_not_held_up(nodes: tuple[Node, Node]) -> None:
    for number in range(6):
        await nodes[0].is_right(f"wrong {number}")
    assert await nodes[0].is_right("chosen", ELSEWHERE)


async def test_a_right_secret_ends_the_count_on_every_node(nodes: tuple[Node, Node]) -> None:
    for number in range(5):
        await nodes[0].is_right(f"wrong {number}")
    assert await nodes[1].is_right("chosen")
    assert await nodes[0].server.storage.find(THROTTLES) == []
    for number in range(5):
        assert not await nodes[1].is_right(f"wrong again {number}")
