"""Signing in with a password: who gets in, and what guessing costs."""

import asyncio
from threading import Lock, current_thread
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher

from assent.engine.arrivals import welcome
from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.identity.guarded import GuardedModule
from assent.identity.local.module import LocalModule
from assent.identity.local.passwords import MAX_PASSWORD, Argon2Passwords
from assent.identity.throttle import Limit, account_key, account_limit, count_failure
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Change, act
from assent.storage.tables import PEOPLE, THROTTLES
from assent.testing.server import TestServer, a_server

HERE = Caller("192.0.2.7", "a browser", "7F3K-22")
PASSWORD = "open sesame"


async def with_amy(**settings: Any) -> TestServer:
    served = await a_server(EngineSettings(**settings))
    await served.add_person("amy", password_hash=await served.passwords.hash(PASSWORD))
    return served


@pytest.fixture
async def served() -> TestServer:
    """A server that delays nobody, so that only the lock is seen."""
    return await with_amy(login_delay_seconds=0, address_free_failures=0)


async def sign_in(
    served: TestServer, password: str = PASSWORD, username: str = "amy", caller: Caller = HERE
) -> Person | None:
    answer = await GuardedModule(LocalModule()).sign_in(served.server, username, password, caller)
    return await welcome(served.server, answer, caller) if isinstance(answer, Arrival) else None


async def wait_of(served: TestServer, password: str = "wrong", **given: Any) -> int:
    """How long an attempt is told to wait; 0 when it is taken."""
    try:
        await sign_in(served, password, **given)
    except TooManyRequests as slow:
        return slow.retry_after_seconds
    return 0


async def test_the_right_password_finds_the_person(served: TestServer) -> None:
    person = await sign_in(served)
    assert person is not None
    assert person.username == "amy"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("amy", "wrong"),
        ("amy", ""),
        ("amy", PASSWORD + " "),
        ("amy", PASSWORD.upper()),
        ("amy", PASSWORD + "x" * MAX_PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("nopassword", ""),
    ],
)
async def test_anything_else_finds_nobody(served: TestServer, username: str, password: str) -> None:
    await served.add_person("nopassword")
    assert await sign_in(served, password, username) is None


async def test_a_disabled_person_is_nobody(served: TestServer) -> None:
    (amy,) = await served.server.storage.find(PEOPLE)
    await served.server.storage.commit(act(Change(PEOPLE, (amy.person_id,), {"enabled": False})))
    assert await sign_in(served) is None


@pytest.mark.parametrize("username", ["amy", "nobody"])
async def test_a_name_that_nobody_has_is_verified_like_any_other(username: str) -> None:
    """A verification is what takes time; both names cost one."""
    counted = CountingPasswords(1, time_cost=1, memory_kib=64)
    served = await with_amy()
    object.__setattr__(served.server, "passwords", counted)
    await sign_in(served, "wrong", username)
    assert counted.verified == 1
    counted.close()


class CountingPasswords(Argon2Passwords):
    """Counts the argon2 verifications that really ran."""

    verified = 0

    def _matches(self, password_hash: str, password: str) -> bool:
        self.verified += 1
        return super()._matches(password_hash, password)


# --- the lock --------------------------------------------------------------------------------------------------------


async def test_after_ten_wrong_passwords_the_account_is_locked_for_a_quarter_of_an_hour(
    served: TestServer,
) -> None:
    for _ in range(10):
        assert await sign_in(served, "wrong") is None
    assert await wait_of(served, PASSWORD) == 900
    served.clock.advance(899)
    assert await wait_of(served, PASSWORD) == 1
    served.clock.advance(1)
    assert await sign_in(served) is not None


async def test_nine_are_forgotten_with_the_right_one(served: TestServer) -> None:
    for _ in range(3):
        for _ in range(9):
            await sign_in(served, "wrong")
        assert await sign_in(served) is not None


async def test_an_account_that_nobody_has_is_locked_just_the_same(served: TestServer) -> None:
    for _ in range(10):
        assert await sign_in(served, "wrong", "nobody") is None
    assert await wait_of(served, "wrong", username="nobody") == 900
    assert await sign_in(served) is not None


async def test_a_lock_is_on_the_account_however_its_name_is_written(served: TestServer) -> None:
    for name in ("amy", "AMY", " amy", "Amy ", "aMy") * 2:
        await sign_in(served, "wrong", name)
    assert await wait_of(served, PASSWORD) == 900


async def test_a_lock_holds_from_every_address(served: TestServer) -> None:
    for number in range(10):
        await sign_in(served, "wrong", caller=Caller(f"192.0.2.{number}"))
    assert await wait_of(served, PASSWORD, caller=Caller("203.0.113.9")) == 900


async def test_of_a_hundred_guesses_at_once_hardly_more_than_ten_are_answered(served: TestServer) -> None:
    slow = Argon2Passwords(2)
    await served.add_person("ben", password_hash=await slow.hash(PASSWORD))
    object.__setattr__(served.server, "passwords", slow)
    guesses = [sign_in(served, f"guess {number}", "ben") for number in range(99)]
    answers = await asyncio.gather(*guesses, sign_in(served, PASSWORD, "ben"), return_exceptions=True)
    slow.close()
    assert 10 <= sum(answer is None for answer in answers) <= 20  # ten, and what was under way
    assert isinstance(answers[-1], TooManyRequests)
    assert await wait_of(served, PASSWORD, username="ben") == 900


async def test_a_guess_that_was_under_way_ends_no_lock(served: TestServer) -> None:
    key, limit = account_key(served.server, "amy"), account_limit(served.server)
    locked = [await count_failure(served.server, key, limit) for _ in range(13)]
    assert locked == [False] * 9 + [True] + [False] * 3
    assert await wait_of(served, PASSWORD) == 900


async def test_failures_at_once_are_all_counted(served: TestServer) -> None:
    key, limit = account_key(served.server, "amy"), Limit(100, 0, 3600)
    await asyncio.gather(*(count_failure(served.server, key, limit) for _ in range(30)))
    (row,) = await served.server.storage.find(THROTTLES)
    assert row.failures == 30


async def test_the_lock_is_written_down_and_no_password_is(served: TestServer) -> None:
    for _ in range(10):
        await sign_in(served, "a wrong secret")
    await wait_of(served, PASSWORD)
    types = [event.type for event in served.events]
    assert types == ["login.refused"] * 10 + ["account.locked", "login.throttled"]
    assert "secret" not in repr(served.events)
    assert {event.address for event in served.events} == {"192.0.2.7"}


async def test_a_setting_switches_the_lock_off() -> None:
    served = await with_amy(login_delay_seconds=0, login_max_failures=0, address_free_failures=0)
    for _ in range(30):
        await sign_in(served, "wrong")
    assert await sign_in(served) is not None


async def test_the_throttle_table_names_nobody(served: TestServer) -> None:
    await sign_in(served, "wrong")
    (row,) = await served.server.storage.find(THROTTLES)
    assert "amy" not in row.key


# --- the delay -------------------------------------------------------------------------------------------------------


async def test_the_delay_doubles_with_each_failure_past_the_free_ones() -> None:
    served = await with_amy(login_max_failures=0, address_free_failures=0, login_delay_max_seconds=20)
    waits = []
    for _ in range(10):
        assert await wait_of(served) == 0
        (row,) = await served.server.storage.find(THROTTLES)
        waits.append(row.locked_until - served.server.now())
        served.clock.advance(waits[-1])
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 20, 20]


async def test_an_attempt_that_had_to_wait_does_not_count() -> None:
    served = await with_amy(address_free_failures=0)
    for _ in range(4):
        await sign_in(served, "wrong")
    for _ in range(50):
        assert await wait_of(served) == 1
    served.clock.advance(1)
    assert await sign_in(served) is not None


async def test_an_address_that_guesses_many_names_is_delayed_at_all_of_them() -> None:
    served = await with_amy(address_free_failures=5)
    for number in range(6):
        await sign_in(served, "wrong", f"name-{number}")
    assert await wait_of(served, PASSWORD) == 1
    assert await sign_in(served, caller=Caller("203.0.113.9")) is not None


async def test_an_ipv6_address_counts_by_its_network() -> None:
    served = await with_amy(address_free_failures=5)
    for number in range(6):
        await sign_in(served, "wrong", f"name-{number}", Caller(f"2001:db8:1:2:{number}::1"))
    assert await wait_of(served, PASSWORD, caller=Caller("2001:db8:1:2:ffff::1")) == 1
    assert await wait_of(served, PASSWORD, caller=Caller("2001:db8:1:3::1")) == 0


async def test_an_address_is_forgotten_after_a_quarter_of_an_hour_of_quiet() -> None:
    served = await with_amy(address_free_failures=5)
    for number in range(6):
        await sign_in(served, "wrong", f"name-{number}")
    served.clock.advance(15 * 60)
    await sign_in(served, "wrong", "another")
    assert await wait_of(served, PASSWORD) == 0


# --- hashes ----------------------------------------------------------------------------------------------------------


def old_argon2(password: str) -> str:
    return PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(password)


def old_bcrypt(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


@pytest.mark.parametrize("old", [old_argon2, old_bcrypt])
async def test_a_hash_of_other_times_is_made_anew_at_the_next_sign_in(served: TestServer, old: Any) -> None:
    before = old(PASSWORD)
    person = await served.add_person("ben", password_hash=before)
    assert await sign_in(served, "wrong", "ben") is None
    assert await sign_in(served, username="ben") is not None
    stored = await served.server.storage.get(PEOPLE, person.person_id)
    assert stored is not None
    assert stored.password_hash != before
    assert not served.server.passwords.is_outdated(stored.password_hash or "")
    assert await sign_in(served, username="ben") is not None
    assert [event.type for event in served.events].count("password.rehashed") == 1


@pytest.mark.parametrize("broken", ["", "x", "$2b$04$x", "$argon2id$v=19$m=64", "{SHA}abc", "$2b$\0"])
async def test_a_hash_that_cannot_be_read_lets_nobody_in(served: TestServer, broken: str) -> None:
    assert not await served.passwords.verify(broken, "")
    assert not await served.passwords.verify(broken, PASSWORD)


async def test_bcrypt_knows_72_bytes_and_a_longer_password_matches_none(served: TestServer) -> None:
    known = old_bcrypt("x" * 72)
    assert await served.passwords.verify(known, "x" * 72)
    assert not await served.passwords.verify(known, "x" * 73)
    assert not await served.passwords.verify(known, "x\0")


async def test_no_password_is_cut_to_fit(served: TestServer) -> None:
    longest = "x" * MAX_PASSWORD
    known = await served.passwords.hash(longest)
    assert await served.passwords.verify(known, longest)
    assert not await served.passwords.verify(known, longest + "y")
    with pytest.raises(ValueError, match="at most"):
        await served.passwords.hash(longest + "y")


async def test_passwords_are_argon2id_with_the_parameters_of_owasp() -> None:
    passwords = Argon2Passwords()
    assert (await passwords.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    passwords.close()


class BusyPasswords(Argon2Passwords):
    """Notes how many hashes are computed at the same time, and on which threads."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, time_cost=1, memory_kib=64)
        self.threads: set[str] = set()
        self.busy = self.most = 0
        self._count = Lock()

    def _matches(self, password_hash: str, password: str) -> bool:
        with self._count:
            self.threads.add(current_thread().name)
            self.busy += 1
            self.most = max(self.most, self.busy)
        matches = super()._matches(password_hash, password)
        with self._count:
            self.busy -= 1
        return matches


async def test_however_many_sign_in_at_once_few_hashes_are_computed_at_a_time() -> None:
    passwords = BusyPasswords(2)
    password_hash = await passwords.hash(PASSWORD)
    assert all(await asyncio.gather(*(passwords.verify(password_hash, PASSWORD) for _ in range(50))))
    assert 1 <= passwords.most <= 2
    assert all(name.startswith("passwords") for name in passwords.threads)  # never the event loop's
    passwords.close()
