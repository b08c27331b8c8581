"""Counts by place and time: exact where they are small, shared by nodes, cheap far from a limit and beyond it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from assent.engine.events import audit_event
from assent.engine.rate_limits import RateLimit, count, count_place, forget_place, record_seldom
from assent.engine.recent_counts import RecentCounts
from assent.engine.server import AuthorizationServer, Caller
from assent.records.people import Throttle
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Act, Outcomes, Storage
from assent.storage.tables import AUDIT, THROTTLES
from assent.testing.server import TestServer, a_server

HERE, THERE = Caller("192.0.2.7", None, "7F3K-22"), Caller("198.51.100.9")
FEW = RateLimit("sign-up", 5, 60)
MANY = RateLimit("authorize", 1200, 60)


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    served = await a_server()
    yield served
    await served.close()


def other_node(server: AuthorizationServer) -> AuthorizationServer:
    """Another process on the same database."""
    return replace(server, counts=RecentCounts())


async def passed(server: AuthorizationServer, limit: RateLimit, tries: int, caller: Caller = HERE) -> int:
    """How many of so many passed."""
    done = 0
    for _ in range(tries):
        try:
            await count_place(server, limit, caller=caller)
        except TooManyRequests:
            continue
        done += 1
    return done


async def rows(server: AuthorizationServer) -> list[Throttle]:
    return await server.storage.find(THROTTLES)


async def test_so_many_and_no_more_until_the_time_is_over(served: TestServer) -> None:
    assert await passed(served.server, FEW, 9) == 5
    served.clock.advance(40)
    with pytest.raises(TooManyRequests) as refused:
        await count_place(served.server, FEW, caller=HERE)
    assert refused.value.retry_after_seconds == 20
    served.clock.advance(20)
    assert await passed(served.server, FEW, 9) == 5


async def test_a_small_limit_is_exact_on_two_nodes(served: TestServer) -> None:
    nodes = (served.server, other_node(served.server))
    done = 0
    for number in range(20):
        done += await passed(nodes[number % 2], FEW, 1)
    assert done == 5


async def test_those_who_come_at_once_are_all_counted(served: TestServer) -> None:
    nodes = (served.server, other_node(served.server))
    answers = await asyncio.gather(
        *(count_place(nodes[number % 2], FEW, caller=HERE) for number in range(30)), return_exceptions=True
    )
    assert answers.count(None) == 5


async def test_a_large_limit_is_passed_by_a_step_a_node_at_most(served: TestServer) -> None:
    first, second = served.server, other_node(served.server)
    done = 0
    for _ in range(1300):
        done += await passed(first, MANY, 1) + await passed(second, MANY, 1)
    assert 1200 <= done <= 1200 + MANY.step


async def test_each_place_has_its_own(served: TestServer) -> None:
    assert await passed(served.server, FEW, 9) == 5
    assert await passed(served.server, FEW, 9, THERE) == 5
    await count(served.server, FEW, "maria@mail.example", caller=HERE)


async def test_the_addresses_of_one_subscriber_count_as_one(served: TestServer) -> None:
    assert await passed(served.server, FEW, 3, Caller("2001:db8:1:2::1")) == 3
    assert await passed(served.server, FEW, 9, Caller("2001:db8:1:2:ffff::9")) == 2
    assert await passed(served.server, FEW, 9, Caller("2001:db8:1:3::1")) == 5


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", None])
async def test_this_machine_itself_is_not_counted(served: TestServer, address: str | None) -> None:
    assert await passed(served.server, FEW, 20, Caller(address)) == 20
    assert await rows(served.server) == []


async def test_nought_is_no_limit(served: TestServer) -> None:
    assert await passed(served.server, RateLimit("authorize", 0, 60), 50) == 50
    assert await rows(served.server) == []


class Watched:
    """A storage that counts what it is asked."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.asked = 0
        self.issuer = storage.issuer
        self.find = storage.find

    async def get(self, *given: object) -> object:
        self.asked += 1
        return await self._storage.get(*given)  # type: ignore[arg-type]

    async def commit(self, act: Act) -> Outcomes:
        self.asked += 1
        return await self._storage.commit(act)


async def test_what_is_far_from_the_limit_or_beyond_it_asks_the_database_hardly_ever(
    served: TestServer,
) -> None:
    storage = Watched(served.server.storage)
    server = replace(served.server, storage=storage)  # type: ignore[arg-type]
    await passed(server, MANY, MANY.step - 1)
    assert storage.asked == 0
    await passed(server, MANY, MANY.most)
    within = storage.asked
    assert within <= 2 * (MANY.most // MANY.step) + 1
    await passed(server, MANY, 500)
    assert storage.asked == within


async def test_the_audit_log_gets_one_row_a_time_of_all_nodes(served: TestServer) -> None:
    await passed(served.server, FEW, 50)
    await passed(other_node(served.server), FEW, 50)
    [event] = await served.server.storage.find(AUDIT, {"type": "rate.limited"})
    assert event.detail == {"limit": "sign-up", "most": 5, "seconds": 60}
    assert (event.outcome, event.address, event.reference) == ("refused", "192.0.2.7", "7F3K-22")
    served.clock.advance(61)
    await passed(served.server, FEW, 50)
    assert len(await served.server.storage.find(AUDIT, {"type": "rate.limited"})) == 2


async def test_the_table_names_nobody(served: TestServer) -> None:
    await count(served.server, FEW, "maria@mail.example", caller=HERE)
    await count_place(served.server, FEW, caller=HERE)
    assert all(row.key.startswith("rate:") and len(row.key) == 37 for row in await rows(served.server))


async def test_what_was_no_guess_is_forgotten_on_every_node(served: TestServer) -> None:
    await passed(served.server, FEW, 4)
    await forget_place(served.server, FEW, caller=HERE)
    assert await rows(served.server) == []
    assert await passed(served.server, FEW, 9) == 5


async def test_of_what_an_outage_makes_of_every_attempt_one_a_minute_is_written_down(
    served: TestServer,
) -> None:
    async def attempt(server: AuthorizationServer, module: str) -> int:
        await record_seldom(server, audit_event(server, "login.unavailable", "refused"), 60, module)
        return len([one for one in await server.storage.find(AUDIT) if one.type == "login.unavailable"])

    node = other_node(served.server)
    assert [await attempt(served.server, "clinic") for _ in range(3)] == [1, 1, 1]
    assert await attempt(served.server, "state") == 2
    assert await attempt(node, "clinic") == 3
    served.clock.advance(60)
    assert await attempt(served.server, "clinic") == 4
    assert len([one for one in served.events if one.type == "login.unavailable"]) == 6
