"""Changing one's password: who knows the old one, what the new one has to be, and what ends with it."""

import asyncio

import pytest

from applications import OpenWith
from assent.storage.interface import Change, act
from assent.storage.tables import GRANTS, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from pages.mail import NEW, mailed, open_with_mail
from services.smtp_sink import Sink

ONLINE = "openid launch/patient patient/Observation.rs online_access"


async def signed_in(application: Application, address: str = "192.0.2.7", password: str = "demo") -> Browser:
    browser = application.browser(address)
    await browser.open("/login?to=/account/password")
    assert (await browser.sign_in("amy", password)).path == "/account/password"
    return browser


@pytest.fixture
async def browser(application: Application) -> Browser:
    await application.add_client()
    await application.add_amy()
    return await signed_in(application)


async def change(browser: Browser, current: str = "demo", new: str = NEW, again: str | None = None) -> Page:
    await browser.open("/account/password")
    return await browser.submit(current=current, password=new, again=new if again is None else again)


async def test_the_new_one_is_good_from_now_on_and_the_old_one_is_not(
    application: Application, browser: Browser
) -> None:
    assert "/account/password" in (await browser.open("/account")).text
    page = await change(browser)
    assert page.url.endswith("/account?password")
    assert "Your password is changed" in page.text
    await signed_in(application, "203.0.113.9", NEW)
    stranger = application.browser("203.0.113.10")
    await stranger.open("/login")
    assert (await stranger.sign_in("amy", "demo")).path == "/login"
    [event] = await application.audit("password.changed")
    assert NEW not in repr(event)


async def test_other_sessions_end_with_what_hangs_on_them_and_this_one_stays(
    application: Application, browser: Browser
) -> None:
    app, other = application.smart_app(), application.browser("203.0.113.9")
    await app.launch(other, ONLINE)
    await other.sign_in("amy")
    await other.approve()
    assert (await change(browser)).path == "/account"
    assert (await other.open("/account")).path == "/login"
    assert (await browser.open("/account")).path == "/account"
    [grant] = await application.server.storage.find(GRANTS)
    assert grant.revoked_because == "the password was changed"


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "current password was not right"),
        ("", NEW, NEW, "current password was not right"),
        ("demo", "demo", "demo", "the password that you have now"),
        ("demo", NEW, NEW + "!", "not the same"),
        ("demo", "short", "short", "too short"),
        ("demo", "amyokafor12", "amyokafor12", "made of your name"),
        ("demo", "", "", "too short"),
        ("demo", "x" * 2000, "x" * 2000, "too long"),
    ],
)
async def test_what_is_wrong_is_said_and_changes_nothing(
    application: Application, browser: Browser, current: str, new: str, again: str, said: str
) -> None:
    [before] = await application.server.storage.find(PEOPLE)
    page = await change(browser, current, new, again)
    assert page.path == "/account/password"
    assert said in page.text
    assert await application.server.storage.find(PEOPLE) == [before]


async def test_who_sits_at_her_screen_has_ten_guesses_and_locks_nobody_out(
    application: Application, browser: Browser
) -> None:
    for _ in range(10):
        assert (await change(browser, "wrong")).status == 200
        application.clock.advance(61)
    page = await change(browser)
    assert page.status == 429
    assert int(page.answer.headers["retry-after"]) > 600
    await signed_in(application, "203.0.113.9")


async def test_guesses_that_arrive_together_are_no_more_than_those_in_a_row(
    application: Application, browser: Browser
) -> None:
    page = await browser.open("/account/password")
    guesses = [*(f"wrong {number}" for number in range(30)), "demo"]
    pages = await asyncio.gather(
        *(browser.submit_on(page, current=one, password=NEW, again=NEW) for one in guesses)
    )
    looked_at = [one.status == 200 for one in pages]
    assert looked_at.count(True) <= application.server.settings.login_free_failures + 1
    assert pages[-1].status == 429
    refused = await application.audit("password.change_refused")
    reasons = [event.detail["reason"] for event in refused if event.detail is not None]
    assert reasons.count("wrong current password") == looked_at.count(True)


async def test_of_two_changes_at_once_one_wins(application: Application, browser: Browser) -> None:
    page = await browser.open("/account/password")
    words = ["seven quiet otters", "nine loud herons"]
    done = await asyncio.gather(
        *(browser.submit_on(page, current="demo", password=one, again=one) for one in words)
    )
    won = [one.path == "/account" for one in done]
    assert sorted(won) == [False, True]
    await signed_in(application, "203.0.113.9", words[won.index(True)])


async def test_whoever_has_no_password_here_is_led_to_her_account(
    application: Application, browser: Browser
) -> None:
    page = await browser.open("/account/password")
    [amy] = await application.server.storage.find(PEOPLE)
    await application.server.storage.commit(act(Change(PEOPLE, (amy.person_id,), {"password_hash": None})))
    assert (await browser.open("/account/password")).path == "/account"
    assert "/account/password" not in browser.here.text
    posted = await browser.submit_on(page, current="", password=NEW, again=NEW)
    assert posted.path == "/account"
    assert (await application.server.storage.find(PEOPLE))[0].password_hash is None


async def test_a_form_without_its_session_changes_nothing(application: Application, browser: Browser) -> None:
    page = await browser.open("/account/password")
    form = page.form().filled("submit", current="demo", password=NEW, again=NEW)
    assert (await browser.post_from_elsewhere("/account/password", form)).status == 403
    [session] = await application.server.storage.find(SESSIONS)
    await application.server.storage.commit(
        act(Change(SESSIONS, (session.session_hash,), {"ended_at": application.server.now()}))
    )
    assert (await browser.submit_on(page, current="demo", password=NEW, again=NEW)).path == "/login"


async def test_it_is_mailed_that_it_was_changed(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    await change(await signed_in(application))
    [(to, subject, text)] = await mailed(application, sink)
    assert (to, subject) == ("amy@mail.example", "Your password at St. Elsewhere was changed")
    assert NEW not in text
