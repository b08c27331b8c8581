"""What costs is done for one place a few at a time, the newest first; other places do not wait for it."""

import asyncio

import pytest

from assent.engine.server import Caller
from assent.engine.turns import Turns
from assent.spec.errors import TooManyRequests

HERE, THERE = Caller("192.0.2.7"), Caller("198.51.100.9")


class Work:
    """Pieces of work that last until they are told to end."""

    def __init__(self, at_once: int = 2, most: int = 3) -> None:
        self.turns = Turns(at_once, most)
        self.begun: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}

    async def begin(self, name: str, caller: Caller = HERE) -> asyncio.Task[None]:
        self.ends[name] = asyncio.Event()
        task = asyncio.create_task(self._do(name, caller))
        await settled()
        return task

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await settled()

    async def _do(self, name: str, caller: Caller) -> None:
        async with self.turns.take(caller):
            self.begun.append(name)
            await self.ends[name].wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_place_has_so_many_at_once_and_the_newest_goes_first() -> None:
    work = Work()
    for name in "abcd":
        await work.begin(name)
    assert work.begun == ["a", "b"]
    await work.end("a")
    await work.end("b")
    assert work.begun == ["a", "b", "d", "c"]


async def test_other_places_and_this_machine_do_not_wait() -> None:
    work = Work(at_once=1)
    await work.begin("a")
    await work.begin("b", THERE)
    for number in range(5):
        await work.begin(str(number), Caller("127.0.0.1"))
    await work.begin("c", Caller(None))
    assert work.begun == ["a", "b", "0", "1", "2", "3", "4", "c"]


async def test_addresses_of_one_subscriber_are_one_place() -> None:
    work = Work(at_once=1)
    await work.begin("a", Caller("2001:db8::1"))
    await work.begin("b", Caller("2001:db8::2"))
    assert work.begun == ["a"]


async def test_of_too_many_that_wait_the_oldest_is_sent_away() -> None:
    work = Work(at_once=1, most=2)
    tasks = [await work.begin(name) for name in "abcd"]
    with pytest.raises(TooManyRequests):
        await tasks[1]
    for name in "adc":
        await work.end(name)
    assert work.begun == ["a", "d", "c"]


async def test_who_goes_away_while_waiting_holds_no_turn() -> None:
    work = Work(at_once=1)
    tasks = {name: await work.begin(name) for name in "abc"}
    tasks["c"].cancel()
    await work.end("a")
    assert work.begun == ["a", "b"]
    await work.end("b")
    await work.begin("d")
    assert work.begun == ["a", "b", "d"]


async def test_who_goes_away_in_the_moment_of_his_turn_passes_it_on() -> None:
    work = Work(at_once=1)
    tasks = {name: await work.begin(name) for name in "abc"}
    work.ends["a"].set()
    await asyncio.sleep(0)  # it is c's turn, and c does not know yet
    tasks["c"].cancel()
    await settled()
    assert work.begun == ["a", "b"]


async def test_work_that_fails_gives_its_turn_back_and_nothing_is_kept() -> None:
    turns = Turns(1, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with turns.take(HERE):
                raise ZeroDivisionError
    assert turns._lines == {}
