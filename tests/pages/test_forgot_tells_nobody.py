"""Asking for a code tells nobody who has an account, and sends nobody more mails than a few."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.storage.interface import Change, act
from assent.storage.tables import MAILED_CODES, PEOPLE
from assent.testing.application import Application
from assent.testing.browser import Page
from pages.forgotten import ask
from pages.mail import NEW, mailed, open_with_mail
from services.smtp_sink import Sink


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


def shape(page: Page) -> tuple[Any, ...]:
    """All of an answer that may not tell one name from another."""
    handle = parse_qs(urlsplit(page.url).query)["request"][0]
    csrf = page.form().values("csrf")[0]
    headers = {
        name: value
        for name, value in page.answer.headers.items()
        if name not in ("x-request-id", "set-cookie")
    }
    trail = [(one.status_code, len(one.content), sorted(one.headers)) for one in page.trail]
    body = page.text.replace(handle, "HANDLE").replace(csrf, "CSRF")
    return trail, sorted(headers.items()), body


async def test_every_name_gets_the_same_answer_and_only_an_account_a_mail(
    application: Application, sink: Sink
) -> None:
    await application.add_person("nomail")
    off = await application.add_person("off", email="off@mail.example")
    await application.server.storage.commit(act(Change(PEOPLE, (off.person_id,), {"enabled": False})))
    shadow = await application.add_person("shadow", email="shadow@mail.example")
    await application.server.storage.commit(act(Change(PEOPLE, (shadow.person_id,), {"password_hash": None})))
    hostile = [
        "nobody",
        "nobody@mail.example",
        "nomail",
        "off",
        "shadow",
        "x" * 5000,
        "a\r\nBcc: eve@e.example",
    ]
    shapes = []
    for typed in ["amy", *hostile]:
        browser = application.browser()
        shapes.append(shape(await ask(browser, typed)))
    assert all(one == shapes[0] for one in shapes)
    assert [to for to, _, _ in await mailed(application, sink)] == ["amy@mail.example"]
    rows = await application.server.storage.find(MAILED_CODES)
    assert len(rows) == len(shapes)  # the same is written for nobody


async def test_no_code_fits_a_request_for_nobody(application: Application, sink: Sink) -> None:
    browser = application.browser()
    await ask(browser, "nobody")
    page = await browser.submit(code="ABCDE-FGHJK", password=NEW, again=NEW)
    known = application.browser()
    await ask(known, "amy")
    wrong = await known.submit(code="ABCDE-FGHJK", password=NEW, again=NEW)
    assert page.status == wrong.status == 200
    assert shape(page)[2] == shape(wrong)[2]
    assert "The code was not right" in page.text


async def test_the_request_waits_for_no_mail_server(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    sink.answers = ["451 later"] * 9
    page = await asyncio.wait_for(ask(application.browser(), "amy"), 60)
    assert page.path == "/forgot-password/code"
    assert sink.taken == []


async def test_several_accounts_of_one_address_are_told_to_its_reader_alone(
    application: Application, sink: Sink
) -> None:
    await application.add_person("amys-son", email="AMY@mail.example")
    page = await ask(application.browser(), "amy@mail.example")
    assert "amys-son" not in page.text
    [(to, subject, text)] = await mailed(application, sink)
    assert (to.lower(), subject) == ("amy@mail.example", "Your accounts at St. Elsewhere")
    assert "amys-son" in text
    await ask(application.browser(), "amys-son")
    assert len(await mailed(application, sink)) == 1


async def test_an_address_gets_five_mails_an_hour_whoever_asks_on_whatever_node(
    application: Application, sink: Sink, open_beside: Callable[[Application], Awaitable[Application]]
) -> None:
    other = await open_beside(application)
    for number in range(12):
        node = (application, other)[number % 2]
        page = await ask(node.browser(f"192.0.2.{number}"), "amy" if number % 3 else "amy@mail.example")
        assert page.path == "/forgot-password/code"  # and nobody is told
    assert len(await mailed(application, sink) + await mailed(other, sink)) == 5
    application.clock.advance(3601)
    await ask(application.browser(), "amy")
    assert len(await mailed(application, sink)) == 1


async def test_strangers_use_up_no_mails_of_a_browser_that_she_signs_in_with(
    application: Application, sink: Sink
) -> None:
    hers = application.browser()
    await hers.open("/login?to=/account")
    await hers.sign_in("amy")
    for number in range(8):
        await ask(application.browser(f"203.0.113.{number}"), "amy")
    assert len(await mailed(application, sink)) == 5
    await ask(hers, "amy")
    assert len(await mailed(application, sink)) == 1


async def test_one_place_asks_for_sixty_codes_an_hour_at_most(application: Application, sink: Sink) -> None:
    browser = application.browser()
    for number in range(60):
        assert (await ask(browser, f"nobody-{number}")).path == "/forgot-password/code"
    page = await ask(browser, "nobody")
    assert page.status == 429
    assert int(page.answer.headers["retry-after"]) > 0
    assert (await ask(application.browser("203.0.113.9"), "amy")).path == "/forgot-password/code"
