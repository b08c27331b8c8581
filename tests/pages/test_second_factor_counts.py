"""Guessing codes: what is counted together, and what ends the count while the second factor stays."""

from collections.abc import Awaitable, Callable

import pytest

from applications import OpenWith
from assent.actions.accounts.locks import lock_end, unlock_person
from assent.actions.accounts.passwords import set_password
from assent.storage.tables import PEOPLE
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import half_signed_in, with_phone
from pages.mail import NEW, mailed_code, open_with_mail
from services.smtp_sink import Sink

Deed = Callable[[Application, Browser], Awaitable[str]]


async def guess(application: Application, browser: Browser) -> None:
    """Somebody who has typed a right password guesses codes until there is a wait of minutes."""
    for _ in range(12):
        page = await browser.submit(code="000000")
        wait = int(page.answer.headers.get("retry-after", "0"))
        if wait > 100:
            return
        application.clock.advance(wait)
    raise AssertionError("nobody has to wait")


async def use_up(application: Application) -> None:
    await guess(application, await half_signed_in(application, "amy"))


async def type_password(application: Application, password: str = "demo") -> Browser:
    browser = application.browser("198.51.100.5")
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy", password)).path == "/second-factor"
    return browser


async def unlock(application: Application, _hers: Browser) -> str:
    _, was_locked = await unlock_person(application.server, "amy", actor="admin")
    assert was_locked
    return "demo"


async def set_it(application: Application, _hers: Browser) -> str:
    await set_password(application.server, "amy", NEW, actor="admin")
    return NEW


async def change_it(_application: Application, hers: Browser) -> str:
    await hers.open("/account/password")
    assert (await hers.submit(current="demo", password=NEW, again=NEW)).path == "/account"
    return NEW


@pytest.mark.parametrize("deed", [unlock, set_it, change_it])
async def test_it_ends_the_count_and_the_factor_stays(application: Application, deed: Deed) -> None:
    await application.add_amy()
    phone, _, hers = await with_phone(application, "amy")
    await use_up(application)
    browser = await type_password(application)
    assert (await browser.submit(code=phone.next_code())).status == 429
    password = await deed(application, hers)
    browser = await type_password(application, password)
    assert (await browser.submit(code=phone.next_code())).path == "/account"


async def test_a_reset_by_mail_ends_it_too(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    phone, _, _ = await with_phone(application, "amy")
    await use_up(application)
    browser = application.browser()
    await browser.open("/forgot-password")
    await browser.submit(username="amy")
    code = await mailed_code(application, sink)
    assert (await browser.submit(code=code, password=NEW, again=NEW)).path == "/forgot-password/done"
    browser = await type_password(application, NEW)
    assert (await browser.submit(code=phone.next_code())).path == "/account"


async def test_a_browser_that_showed_a_factor_before_is_counted_by_itself(application: Application) -> None:
    await application.add_amy()
    phone, _, hers = await with_phone(application, "amy")
    await use_up(application)
    await hers.open("/login?to=/account")
    assert (await hers.sign_in("amy")).path == "/second-factor"
    assert (await hers.submit(code=phone.next_code())).path == "/account"
    [person] = await application.server.storage.find(PEOPLE)
    assert await lock_end(application.server, person) > application.server.now()


async def test_its_mark_is_worth_no_more_guesses_and_none_of_another_person(application: Application) -> None:
    await application.add_amy()
    await application.add_jonas()
    amy, _, hers = await with_phone(application, "amy")
    await with_phone(application, "jonas")
    await hers.open("/login?to=/account")
    await hers.sign_in("amy")
    await guess(application, hers)
    assert (await hers.submit(code=amy.next_code())).status == 429
    thief = application.browser("203.0.113.50")
    await thief.open("/login?to=/account")
    await thief.sign_in("jonas")
    await guess(application, thief)
    await hers.open("/login?to=/account")
    await hers.sign_in("jonas")
    assert (await hers.submit(code="000000")).status == 429
