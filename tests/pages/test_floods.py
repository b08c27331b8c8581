"""What strangers can make us write, or ask of providers, has an end for each place; others go on."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.engine.settings import EngineSettings
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.storage.tables import DEPARTURES
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.test_providers import Elsewhere, inbound

THERE, ELSEWHERE = "203.0.113.1", "203.0.113.2"


class Slow(Elsewhere):
    """A provider that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def finish(self, *given: Any) -> Arrival:
        self.asked.release()
        await self.go_on.wait()
        return await super().finish(*given)


async def come_back(browser: Browser, code: str) -> int:
    """The status of a callback."""
    left = await browser._client.get("/login/clinic?to=/account")
    state = parse_qs(urlsplit(left.headers["location"]).query)["state"][0]
    return (await browser._client.get(f"/login/clinic/callback?state={state}&code={code}")).status_code


async def test_departures_to_a_provider_have_an_end(open_with: OpenWith) -> None:
    app = await open_with(inbound=inbound(Elsewhere()))
    stranger = app.browser(THERE)
    said = [(await stranger._client.get("/login/clinic?to=/account")).status_code for _ in range(640)]
    assert set(said[:600]) == {303}
    assert set(said[-9:]) == {429}
    assert len(await app.server.storage.find(DEPARTURES, limit=1000)) <= 630
    assert len(await app.audit("rate.limited")) == 1
    assert (await app.browser(ELSEWHERE)._client.get("/login/clinic?to=/account")).status_code == 303


async def test_answers_that_are_no_good_have_an_end(open_with: OpenWith) -> None:
    app = await open_with(inbound=inbound(Elsewhere()))
    stranger = app.browser(THERE)
    said = [await come_back(stranger, "made-up") for _ in range(140)]
    assert 429 in said
    assert len(await app.audit("login.refused")) <= 130
    assert len(await app.audit("rate.limited")) == 1
    assert await come_back(app.browser(ELSEWHERE), "made-up") == 403


async def test_answers_that_are_no_good_keep_no_good_one_out(open_with: OpenWith) -> None:
    there = Elsewhere()
    there.knows("good")
    app = await open_with(inbound=inbound(there))
    stranger = app.browser(THERE)
    said = [await come_back(stranger, "made-up") for _ in range(140)]
    assert said[-1] == 429
    assert await come_back(app.browser(THERE), "good") == 303
    assert await come_back(stranger, "made-up") == 429  # and her sign-in gives him no more


async def test_answers_from_one_place_are_looked_at_a_few_at_a_time(open_with: OpenWith) -> None:
    there = Slow()
    app = await open_with(inbound=inbound(there))
    tasks = [asyncio.create_task(come_back(app.browser(THERE), "made-up")) for _ in range(40)]
    for _ in range(16):
        await there.asked.acquire()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(there.asked.acquire(), 0.5)
    other = asyncio.create_task(come_back(app.browser(ELSEWHERE), "made-up"))
    await there.asked.acquire()
    there.go_on.set()
    assert set(await asyncio.gather(other, *tasks)) == {403}


async def test_passkeys_that_are_none_have_an_end(open_with: OpenWith) -> None:
    passkeys = EngineSettings(passkeys="sign_in")
    app = await open_with(engine=passkeys, inbound=inbound(passwords=(LocalModule(),)))
    stranger = app.browser(THERE)
    page = await stranger.open("/login?to=/account")
    pairs = [("csrf", page.form().values("csrf")[0]), ("passkey", "x")]
    said = []
    for _ in range(90):
        origin = {"Origin": stranger.origin}
        answer = await stranger._post(stranger._client, "/login?to=/account", pairs, origin)
        said.append(answer.status_code)
    assert said[-1] == 429
    assert len(await app.audit("login.refused")) <= 66


async def test_a_guesser_in_the_clinic_keeps_nobody_out_who_signed_in_before(
    application: Application,
) -> None:
    await application.add_amy()
    hers, guesser, new = (application.browser(THERE) for _ in range(3))
    await hers.open("/login?to=/account")
    await hers.sign_in("amy")
    form, guess, first = [await browser.open("/login?to=/account&again") for browser in (hers, guesser, new)]
    for number in range(60):
        await guesser.submit_on(guess, username=f"nobody {number}", password="wrong")
        assert (await hers.submit_on(form, username="amy", password="demo")).path == "/account"
        if number > 30:  # what the address is counted for
            assert (await new.submit_on(first, username="amy", password="demo")).status == 429
        application.clock.advance(1)
