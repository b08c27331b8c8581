"""The demo's records are made beside what the demo does, once, whoever asks first."""

import asyncio
import json
import threading
from contextlib import suppress

from assent.demo.store.store import FhirStore
from assent.demo.upstream import DemoUpstream, LateUpstream
from assent.fhir.upstream import UpstreamRequest

BASE = "http://localhost:9200/fhir"
AMY = {"resourceType": "Patient", "id": "amy"}
READ = UpstreamRequest("GET", "Patient/amy")


class Making:
    """Makes a store with one patient, once it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        self.times = 0

    def __call__(self) -> DemoUpstream:
        self.times += 1
        self.begun.set()
        assert self.may_go_on.wait(30)
        return DemoUpstream(FhirStore([AMY], base_url=BASE))


async def test_all_who_ask_early_wait_for_the_same_records() -> None:
    making = Making()
    upstream = LateUpstream(BASE, making)
    assert upstream.base == BASE
    upstream.prepare()
    asking = [asyncio.create_task(upstream.send(READ)) for _ in range(3)]
    await asyncio.to_thread(making.begun.wait, 30)
    assert not any(task.done() for task in asking)
    making.may_go_on.set()
    assert [json.loads(answer.body)["id"] for answer in await asyncio.gather(*asking)] == ["amy"] * 3
    assert (await upstream.send(READ)).status == 200
    assert making.times == 1


async def test_records_are_made_by_the_first_request_where_nobody_prepared_them() -> None:
    making = Making()
    making.may_go_on.set()
    upstream = LateUpstream(BASE, making)
    assert (await upstream.stream(READ)).status == 200
    assert making.times == 1


async def test_who_goes_away_leaves_the_records_to_the_others() -> None:
    making = Making()
    upstream = LateUpstream(BASE, making)
    leaving, staying = (asyncio.create_task(upstream.send(READ)) for _ in range(2))
    await asyncio.to_thread(making.begun.wait, 30)
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    making.may_go_on.set()
    assert (await staying).status == 200
    assert making.times == 1
