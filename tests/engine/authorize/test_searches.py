"""Searches for patients are counted, on all nodes together, and written down without their words."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from assent.app.registry import open_backend
from assent.engine.authorize.searches import count_search, record_search
from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer, a_server

CALLER = Caller("192.0.2.7", "a browser", "7F3K-22")
FEW = EngineSettings(picker_searches=3, picker_search_seconds=60)
LEE, ANN = Person("u-lee", "lee", "lee"), Person("u-ann", "ann", "ann")


async def search(served: TestServer, person: Person = LEE) -> None:
    await count_search(served.server, person, "app", CALLER)


async def searches_left(served: TestServer, person: Person = LEE) -> int:
    for made in range(100):
        try:
            await search(served, person)
        except TooManyRequests:
            return made
    raise AssertionError("there is no limit")


async def test_so_many_and_no_more() -> None:
    served = await a_server(FEW)
    assert await searches_left(served) == 3
    served.clock.advance(40)
    with pytest.raises(TooManyRequests) as refused:
        await search(served)
    assert refused.value.retry_after_seconds == 20
    await served.close()


async def test_the_next_time_begins_anew() -> None:
    served = await a_server(FEW)
    assert await searches_left(served) == 3
    served.clock.advance(60)
    assert await searches_left(served) == 3
    await served.close()


async def test_each_person_has_her_own() -> None:
    served = await a_server(FEW)
    assert await searches_left(served, LEE) == 3
    assert await searches_left(served, ANN) == 3
    await served.close()


async def test_searches_at_once_are_all_counted() -> None:
    served = await a_server(EngineSettings(picker_searches=10))
    outcomes = await asyncio.gather(*(search(served) for _ in range(15)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) <= 10
    assert sum(isinstance(outcome, TooManyRequests) for outcome in outcomes) >= 5
    await served.close()


async def test_two_nodes_on_one_database_count_together(tmp_path: Path) -> None:
    first_backend = open_backend("sqlite:///assent.db", tmp_path, 1)
    await first_backend.migrate()
    await first_backend.open()
    second_backend = open_backend("sqlite:///assent.db", tmp_path, 1)
    await second_backend.open()
    served = await a_server(FEW, backend=first_backend)
    nodes = (served.server, replace(served.server, storage=second_backend.scoped("default")))
    for node in (nodes[0], nodes[1], nodes[0]):
        await count_search(node, LEE, "app", CALLER)
    for node in nodes:
        with pytest.raises(TooManyRequests):
            await count_search(node, LEE, "app", CALLER)
    refused = await served.server.storage.find(AUDIT, {"type": "context.search_refused"})
    assert [(row.person_id, row.outcome) for row in refused] == [("u-lee", "refused")]
    await second_backend.close()
    await served.close()


async def test_one_row_says_that_somebody_searches_too_often() -> None:
    served = await a_server(FEW)
    for _ in range(2):
        assert await searches_left(served) == 3
        for _ in range(5):
            assert await searches_left(served) == 0
        served.clock.advance(60)
    assert [event.type for event in served.events] == ["context.search_refused"] * 2
    await served.close()


@pytest.mark.parametrize(("found", "outcome"), [(7, "ok"), (0, "ok"), (None, "failed")])
async def test_a_search_is_written_down_by_what_it_found(
    served: TestServer, found: int | None, outcome: str
) -> None:
    await record_search(served.server, LEE, "app", CALLER, page=2, found=found)
    (event,) = await served.server.storage.find(AUDIT, {"type": "context.searched"})
    assert (event.person_id, event.client_id, event.outcome) == ("u-lee", "app", outcome)
    assert (event.address, event.reference) == ("192.0.2.7", "7F3K-22")
    assert event.detail == {"found": found, "page": 2}
