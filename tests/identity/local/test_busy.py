"""A flood of passwords: strangers are sent away for a moment, nobody is counted, who is known comes in."""

import asyncio
from collections.abc import AsyncIterator
from threading import Event

import pytest

from assent.engine.server import Caller
from assent.identity import ModuleBusy
from assent.identity.devices import new_device
from assent.identity.guarded import GuardedModule, account_of
from assent.identity.local.module import LocalModule
from assent.identity.local.passwords import MOST_WAITING, Argon2Passwords
from assent.records.identities import Arrival
from assent.storage.tables import AUDIT, THROTTLES
from assent.testing.application import Application
from assent.testing.server import TestServer, a_server

PASSWORD = "a secret"


class HeldPasswords(Argon2Passwords):
    """Checks none until it is told to."""

    def __init__(self) -> None:
        super().__init__(1, time_cost=1, memory_kib=64)
        self.go_on = Event()

    def _verify(self, password_hash: str | None, password: str) -> bool:
        assert self.go_on.wait(60)
        return super()._verify(password_hash, password)


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    opened = await a_server()
    yield opened
    await opened.close()


@pytest.fixture
async def held() -> AsyncIterator[HeldPasswords]:
    passwords = HeldPasswords()
    yield passwords
    passwords.go_on.set()
    passwords.close()


async def a_flood(passwords: HeldPasswords) -> list[asyncio.Task[bool]]:
    """As many as may wait."""
    flood = [asyncio.create_task(passwords.verify(None, str(number))) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    return flood


async def test_a_stranger_is_sent_away_and_nothing_is_counted(
    served: TestServer, held: HeldPasswords
) -> None:
    await served.add_person("amy", password_hash=await held.hash(PASSWORD))
    object.__setattr__(served.server, "passwords", held)
    module, stranger = GuardedModule(LocalModule()), Caller("203.0.113.9")
    flood = await a_flood(held)
    for username in ("amy", "nobody"):
        with pytest.raises(ModuleBusy):
            await module.sign_in(served.server, username, PASSWORD, stranger)
    assert await served.server.storage.find(THROTTLES) == []
    assert await served.server.storage.find(AUDIT, {"type": "login.refused"}) == []
    held.go_on.set()
    assert not any(await asyncio.gather(*flood))
    assert isinstance(await module.sign_in(served.server, "amy", PASSWORD, stranger), Arrival)


async def test_who_comes_in_a_browser_of_hers_waits_and_comes_in(
    served: TestServer, held: HeldPasswords
) -> None:
    await served.add_person("amy", password_hash=await held.hash(PASSWORD))
    object.__setattr__(served.server, "passwords", held)
    hers = Caller("192.0.2.7", device=new_device(served.server, account_of(served.server, "local", "amy")))
    flood = await a_flood(held)
    with pytest.raises(ModuleBusy):  # the mark is worth nothing for another account
        await LocalModule().sign_in(served.server, "nobody", PASSWORD, hers)
    signing_in = asyncio.create_task(LocalModule().sign_in(served.server, "amy", PASSWORD, hers))
    for _ in range(10):
        await asyncio.sleep(0)
    held.go_on.set()
    assert isinstance(await signing_in, Arrival)
    await asyncio.gather(*flood)


async def test_the_page_says_that_many_sign_in(application: Application, held: HeldPasswords) -> None:
    await application.add_amy()
    browser = application.browser("203.0.113.9")
    await browser.open("/login?to=/account")
    passwords = application.server.passwords
    object.__setattr__(application.server, "passwords", held)
    flood = await a_flood(held)
    page = await browser.sign_in("amy")
    assert (page.status, page.answer.headers["retry-after"]) == (503, "3")
    assert "Many people are signing in" in page.text
    object.__setattr__(application.server, "passwords", passwords)
    assert (await browser.sign_in("amy")).path == "/account"
    held.go_on.set()
    await asyncio.gather(*flood)
