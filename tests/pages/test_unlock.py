"""An account that strangers locked: its owner is told, unlocks it, and gets in where she signed in before."""

import re

import pytest

from applications import OpenWith
from assent.identity.throttle import account_key, locked_until
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.mail import mailed, open_with_mail
from services.smtp_sink import Sink

LINK = re.compile(r"^(http://\S+/unlock\?link=[\w-]{43})\s*$", re.MULTILINE)


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


async def guess(application: Application, username: str = "amy", times: int = 10) -> None:
    """Strangers who guess, with the patience that the delays ask for."""
    for number in range(times):
        browser = application.browser(f"203.0.113.{number}")
        await browser.open("/login?to=/account")
        await browser.sign_in(username, "wrong")
        application.clock.advance(61)


async def enter(browser: Browser) -> str:
    await browser.open("/login?to=/account")
    return (await browser.sign_in("amy")).path


async def link_of(application: Application, sink: Sink) -> str:
    [(to, subject, text)] = await mailed(application, sink)
    assert (to, subject) == ("amy@mail.example", "Your account at St. Elsewhere is locked for a while")
    assert "15 minutes" in text
    found = LINK.search(text)
    assert found is not None, text
    return found[1]


async def test_the_mailed_link_unlocks_by_a_button_and_once(application: Application, sink: Sink) -> None:
    await guess(application)
    assert await enter(application.browser()) == "/login"
    link = await link_of(application, sink)
    browser = application.browser("198.51.100.4")
    page = await browser.open(link)
    assert await locked_until(application.server, account_key(application.server, "amy"))
    done = await browser.submit()
    assert "unlocked" in done.text
    assert await enter(application.browser()) == "/account"
    again = await browser.submit_on(page)
    assert (again.status, "does nothing any more" in again.text) == (410, True)
    [event] = await application.audit("account.unlocked")
    assert event.person_id == event.actor


async def test_a_link_ends_with_its_lock(application: Application, sink: Sink) -> None:
    await guess(application)
    browser = application.browser()
    await browser.open(await link_of(application, sink))
    application.clock.advance(900)
    assert (await browser.submit()).status == 410


@pytest.mark.parametrize("link", ["", "x", "A" * 43, "%00", "é"])
async def test_what_is_no_link_of_ours_unlocks_nothing(application: Application, link: str) -> None:
    browser = application.browser()
    await browser.open(f"/unlock?link={link}")
    assert (await browser.submit()).status == 410


async def test_a_lock_is_mailed_once_and_nobody_else_is_written_to(
    application: Application, sink: Sink
) -> None:
    await application.add_person("nomail")
    await guess(application, "nomail")
    await guess(application, "nobody")
    assert await mailed(application, sink) == []
    await guess(application)
    await guess(application)  # while it is locked
    assert len(await mailed(application, sink)) == 1


async def test_the_page_says_the_same_of_a_lock_whoever_is_guessed_at(
    application: Application, sink: Sink
) -> None:
    said = []
    for username in ("amy", "nobody"):
        await guess(application, username)
        browser = application.browser()
        await browser.open("/login")
        page = await browser.sign_in(username, "wrong")
        csrf = page.form().values("csrf")[0]
        body = page.text.replace(csrf, "").replace(f'value="{username}"', "")
        said.append((page.status, page.answer.headers["retry-after"], body))
    assert said[0] == said[1]


async def test_strangers_do_not_lock_her_out_of_the_browser_she_signed_in_with(
    application: Application,
) -> None:
    hers = application.browser()
    assert await enter(hers) == "/account"
    await guess(application)
    assert await enter(application.browser("198.51.100.4")) == "/login"
    assert await enter(hers) == "/account"


async def test_the_mark_of_a_browser_is_worth_nothing_for_another_name(application: Application) -> None:
    await application.add_person("ben")
    bens = application.browser()
    await bens.open("/login?to=/account")
    assert (await bens.sign_in("ben")).path == "/account"
    await guess(application)
    assert await enter(bens) == "/login"
