"""Strangers lock nobody out of the browsers in which she has signed in before."""

import base64
from dataclasses import replace

import pytest

from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.identity import Refused
from assent.identity.devices import DEVICE_SECONDS, is_device_by, is_device_of, new_device
from assent.identity.guarded import GuardedModule, account_of
from assent.identity.local.module import LocalModule
from assent.identity.throttle import account_key, account_limit, count_failure, lift_lock, locked_until
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.testing.server import TestServer, a_server

STRANGER = Caller("203.0.113.9")
PASSWORD = "seven quiet otters"


@pytest.fixture
async def served() -> TestServer:
    served = await a_server(EngineSettings(login_delay_seconds=0, address_free_failures=0))
    await served.add_person("amy", password_hash=await served.passwords.hash(PASSWORD))
    return served


async def try_(served: TestServer, password: str, caller: Caller = STRANGER) -> Arrival | Refused | int:
    """What comes of an attempt; the seconds to wait where there is a lock."""
    try:
        return await GuardedModule(LocalModule()).sign_in(served.server, "amy", password, caller)
    except TooManyRequests as slow:
        return slow.retry_after_seconds


def hers(served: TestServer) -> Caller:
    return Caller("192.0.2.7", device=new_device(served.server, account_of(served.server, "local", "Amy")))


async def test_whom_strangers_locked_out_signs_in_where_she_did_before(served: TestServer) -> None:
    mine = hers(served)
    for _ in range(10):
        await try_(served, "wrong")
    assert await try_(served, PASSWORD) == 900
    assert isinstance(await try_(served, PASSWORD, mine), Arrival)
    assert await try_(served, PASSWORD) == 900  # and her sign-in gives them no more guesses


async def test_a_marked_browser_has_no_more_guesses_than_another(served: TestServer) -> None:
    mine = hers(served)
    answers = [await try_(served, "wrong", mine) for _ in range(11)]
    assert [answer for answer in answers if isinstance(answer, int)] == [900]
    assert answers[9] == Refused(person_id=answers[0].person_id, is_locked=True)  # type: ignore[union-attr]
    assert isinstance(await try_(served, PASSWORD), Arrival)  # the account itself is not locked


async def test_a_mark_is_worth_nothing_to_others(served: TestServer) -> None:
    server = served.server
    mark = new_device(server, "amy")
    assert is_device_of(server, "amy", mark)
    assert not is_device_of(server, "ben", mark)
    assert not is_device_of(server, "ldap\0amy", mark)
    assert not is_device_of(replace(server, cookie_key=b"another key" * 3), "amy", mark)
    served.clock.advance(DEVICE_SECONDS)
    assert not is_device_of(server, "amy", mark)


@pytest.mark.parametrize("change", [0, 10, 17, 21, 22, 37, 38, 53])
async def test_a_mark_that_was_changed_anywhere_is_not_what_it_was(served: TestServer, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(new_device(served.server, "amy", "s-1")))
    raw[change] ^= 1
    mark = base64.urlsafe_b64encode(raw).decode()
    is_hers = (is_device_of(served.server, "amy", mark), is_device_by(served.server, "s-1", mark))
    assert is_hers == (change >= 38, 22 <= change < 38)


async def test_a_mark_says_who_signed_in(served: TestServer) -> None:
    mark = new_device(served.server, "amy", "s-1")
    assert is_device_by(served.server, "s-1", mark)
    assert not is_device_by(served.server, "s-2", mark)
    assert not is_device_by(served.server, "amy", mark)
    assert not is_device_of(served.server, "s-1", mark)


@pytest.mark.parametrize("value", [None, "", "x", "A" * 22, "A" * 72, "A" * 128, "é", "-_" * 36])
async def test_what_was_made_up_is_no_mark(served: TestServer, value: str | None) -> None:
    assert not is_device_of(served.server, "amy", value)
    assert not is_device_by(served.server, "", value)


# --- locks that grow -------------------------------------------------------------------------------------------------


async def test_each_lock_is_twice_as_long_as_the_one_before_up_to_a_limit(served: TestServer) -> None:
    waits = []
    for _ in range(7):
        for _ in range(10):
            await try_(served, "wrong")
        waits.append(await try_(served, PASSWORD))
        served.clock.advance(float(waits[-1]))  # type: ignore[arg-type]
    assert waits == [900, 1800, 3600, 7200, 14400, 14400, 14400]


async def test_the_right_password_and_a_quiet_day_make_the_next_lock_short_again(served: TestServer) -> None:
    for forget in (PASSWORD, None):
        for _ in range(10):
            await try_(served, "wrong")
        assert await try_(served, PASSWORD) == 900
        served.clock.advance(900 if forget else 86400)
        if forget:
            assert isinstance(await try_(served, forget), Arrival)


async def test_guesses_that_were_under_way_count_for_one_lock(served: TestServer) -> None:
    key, limit = account_key(served.server, "amy"), account_limit(served.server)
    for _ in range(35):
        await count_failure(served.server, key, limit)
    assert await locked_until(served.server, key) == served.server.now() + 900


async def test_a_lock_that_is_lifted_does_not_make_the_next_one_short(served: TestServer) -> None:
    key = account_key(served.server, "amy")
    assert not await lift_lock(served.server, key)
    for _ in range(10):
        await try_(served, "wrong")
    assert await lift_lock(served.server, key)
    assert not await lift_lock(served.server, key)
    assert isinstance(await try_(served, "wrong"), Refused)
    for _ in range(9):
        await try_(served, "wrong")
    assert await try_(served, PASSWORD) == 1800
