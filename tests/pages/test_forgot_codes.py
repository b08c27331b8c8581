"""What the code of a mail is good for: once, for a time, in one browser, for a few tries."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.engine.handles import hash_handle
from assent.storage.tables import MAILED_CODES
from assent.testing.application import Application
from pages.forgotten import ask, can_sign_in
from pages.mail import NEW, mailed_code, open_with_mail
from services.smtp_sink import Sink


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


async def test_a_code_is_good_once(application: Application, sink: Sink) -> None:
    browser = application.browser()
    await ask(browser, "amy")
    page = browser.here
    code = await mailed_code(application, sink)
    done = await browser.submit_on(page, code=code, password=NEW, again=NEW)
    assert done.path == "/forgot-password/done"
    again = await browser.submit_on(page, code=code, password="nine loud herons", again="nine loud herons")
    assert "The code was not right" in again.text
    assert await can_sign_in(application, NEW)


async def test_a_code_is_good_in_the_browser_that_asked_for_it(application: Application, sink: Sink) -> None:
    await ask(application.browser(), "amy")
    code = await mailed_code(application, sink)
    stranger = application.browser("203.0.113.9")
    [row] = await application.server.storage.find(MAILED_CODES)
    await ask(stranger, "nobody")
    page = await stranger.submit(code=code, password=NEW, again=NEW)
    assert "The code was not right" in page.text
    assert row.tries == 0
    assert await can_sign_in(application, "demo")


async def test_a_code_is_good_for_a_quarter_of_an_hour(application: Application, sink: Sink) -> None:
    browser = application.browser()
    await ask(browser, "amy")
    code = await mailed_code(application, sink)
    application.clock.advance(900)
    page = await browser.submit(code=code, password=NEW, again=NEW)
    assert "This code works no more" in page.text
    assert await can_sign_in(application, "demo")


async def test_five_wrong_tries_spend_a_code_also_all_at_once(application: Application, sink: Sink) -> None:
    browser = application.browser()
    page = await ask(browser, "amy")
    code = await mailed_code(application, sink)
    wrong = [browser.submit_on(page, code=f"ABCDE-FGHJ{n}", password=NEW, again=NEW) for n in range(2, 9)]
    await asyncio.gather(*wrong)
    [row] = await application.server.storage.find(MAILED_CODES)
    assert row.tries == 5
    answer = await browser.submit_on(page, code=code, password=NEW, again=NEW)
    assert "This code works no more" in answer.text
    assert await can_sign_in(application, "demo")


async def test_the_right_code_with_a_bad_password_costs_no_try(application: Application, sink: Sink) -> None:
    browser = application.browser()
    await ask(browser, "amy")
    code = await mailed_code(application, sink)
    for bad, said in (
        ("short", "too short"),
        ("amyokafor12", "your name"),
        ("password123", "many people"),
    ) * 3:
        page = await browser.submit(code=code, password=bad, again=bad)
        assert said in page.text
        assert f'"{bad}"' not in page.text
    page = await browser.submit(code=code, password=NEW, again="another")
    assert "not the same" in page.text
    assert (await browser.submit(code=code, password=NEW, again=NEW)).path == "/forgot-password/done"


async def test_of_two_resets_at_once_one_wins(application: Application, sink: Sink) -> None:
    codes, pages, browsers = [], [], []
    for number in range(2):
        browser = application.browser(f"192.0.2.{number}")
        pages.append(await ask(browser, "amy"))
        codes.append(await mailed_code(application, sink))
        browsers.append(browser)
    words = ["seven quiet otters", "nine loud herons"]
    done = await asyncio.gather(
        *(
            browser.submit_on(page, code=code, password=word, again=word)
            for browser, page, code, word in zip(browsers, pages, codes, words, strict=True)
        )
    )
    won = [page.path == "/forgot-password/done" for page in done]
    assert sorted(won) == [False, True]
    assert [await can_sign_in(application, word) for word in words] == won


async def test_codes_are_kept_as_keyed_hashes(application: Application, sink: Sink) -> None:
    page = await ask(application.browser(), "amy")
    code = (await mailed_code(application, sink)).replace("-", "")
    [row] = await application.server.storage.find(MAILED_CODES)
    assert code.encode() not in row.code_hash
    assert hash_handle(code) != row.code_hash
    handle = parse_qs(urlsplit(page.url).query)["request"][0]
    assert row.request_hash == hash_handle(handle)
    assert code not in repr(await application.audit())
