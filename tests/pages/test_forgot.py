"""A forgotten password: a code by mail, and a new password with it; nobody learns who has an account."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.app.sign_in_settings import LocalSettings, SignInSettings
from assent.engine.handles import hash_handle
from assent.engine.settings import EngineSettings
from assent.identity.throttle import account_key, locked_until
from assent.records.second_factors import OneTimeCodes
from assent.storage.interface import Add, Change, act
from assent.storage.tables import GRANTS, MAILED_CODES, ONE_TIME_CODES, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from pages.mail import NEW, mailed, mailed_code, open_with_mail
from services.smtp_sink import Sink

SCOPE = "openid launch/patient patient/Observation.rs offline_access"


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


async def ask(browser: Browser, username: str, query: str = "") -> Page:
    await browser.open(f"/forgot-password{query}")
    return await browser.submit(username=username)


async def reset(application: Application, sink: Sink, browser: Browser, **given: Any) -> Page:
    await ask(browser, "amy")
    code = await mailed_code(application, sink)
    return await browser.submit(**{"code": code, "password": NEW, "again": NEW, **given})


async def can_sign_in(application: Application, password: str, username: str = "amy") -> bool:
    browser = application.browser("203.0.113.77")
    await browser.open("/login?to=/account")
    return (await browser.sign_in(username, password)).path == "/account"


async def test_the_way_from_the_sign_in_to_a_new_password_and_back(
    application: Application, sink: Sink
) -> None:
    app, browser = application.smart_app(), application.browser()
    page = await app.launch(browser, SCOPE)
    assert 'id="forgot"' in page.text
    flow = parse_qs(urlsplit(page.url).query)["flow"][0]
    page = await ask(browser, "amy", f"?flow={flow}")
    assert page.path == "/forgot-password/code"
    [(to, subject, text)] = await mailed(application, sink)
    assert to == "amy@mail.example"
    assert subject == "Your code for a new password at St. Elsewhere"
    assert "amy" in text
    assert "15 minutes" in text
    code = next(word for word in text.split() if word[5:6] == "-" and word.isupper())
    page = await browser.submit(code=code.lower().replace("-", " "), password=NEW, again=NEW)
    assert page.path == "/forgot-password/done"
    assert f"/login?flow={flow}" in page.text
    await browser.open(f"/login?flow={flow}")
    page = await browser.sign_in("amy", NEW)
    assert page.path == "/approve"
    assert not await can_sign_in(application, "demo")
    [(_, subject, text)] = await mailed(application, sink)
    assert subject == "Your password at St. Elsewhere was changed"


@pytest.mark.parametrize("typed", ["AMY", " amy ", "Amy@Mail.example"])
async def test_a_name_or_an_address_is_taken_however_it_is_written(
    application: Application, sink: Sink, typed: str
) -> None:
    await ask(application.browser(), typed)
    assert [to for to, _, _ in await mailed(application, sink)] == ["amy@mail.example"]


async def test_the_mail_is_in_the_language_of_the_account(application: Application, sink: Sink) -> None:
    await application.add_person("karl", email="karl@mail.example", locale="de-CH")
    await ask(application.browser(), "karl")
    [(_, subject, text)] = await mailed(application, sink)
    assert subject == "Ihr Code für ein neues Passwort bei St. Elsewhere"
    assert "15 Minuten" in text


# --- nobody learns who has an account --------------------------------------------------------------------------------


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
    page = await asyncio.wait_for(ask(application.browser(), "amy"), 5)
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


# --- what a code is good for -----------------------------------------------------------------------------------------


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


# --- what ends, and what stays ---------------------------------------------------------------------------------------


async def test_sessions_end_apps_stay_and_the_lock_is_lifted(application: Application, sink: Sink) -> None:
    app, signed_in = application.smart_app(), application.browser()
    await app.launch(signed_in, SCOPE)
    await signed_in.sign_in("amy")
    await signed_in.approve()
    for _ in range(10):
        await can_sign_in(application, "wrong")
        application.clock.advance(61)
    key = account_key(application.server, "amy")
    assert await locked_until(application.server, key)
    await mailed(application, sink)
    await reset(application, sink, application.browser())
    assert (await signed_in.open("/account")).path == "/login"
    [grant] = await application.server.storage.find(GRANTS)
    assert grant.revoked_at == 0
    assert not await locked_until(application.server, key)
    assert await can_sign_in(application, NEW)
    [event] = await application.audit("password.reset")
    [amy] = await application.server.storage.find(PEOPLE)
    assert (event.person_id, event.actor) == (amy.person_id, amy.person_id)


async def test_all_apps_are_stopped_by_a_tick(application: Application, sink: Sink) -> None:
    app, signed_in = application.smart_app(), application.browser()
    await app.launch(signed_in, SCOPE)
    await signed_in.sign_in("amy")
    tokens = (await app.redeem(application.http(), await signed_in.approve())).json()
    await reset(application, sink, application.browser(), stop_apps="yes")
    async with application.http() as http:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await http.get("/fhir/Observation", headers=headers)).status_code == 401


async def test_the_second_factor_is_asked_for_as_ever(application: Application, sink: Sink) -> None:
    [amy] = await application.server.storage.find(PEOPLE)
    factor = OneTimeCodes(amy.person_id, b"sealed", 0, application.server.now(), 0)
    noting = Change(PEOPLE, (amy.person_id,), {"has_factors": True})
    await application.server.storage.commit(act(Add(ONE_TIME_CODES, factor), noting))
    browser = application.browser()
    await reset(application, sink, browser)
    assert await application.server.storage.get(ONE_TIME_CODES, amy.person_id) == factor
    assert await application.server.storage.find(SESSIONS) == []  # nobody is signed in by a reset
    await browser.open("/login?to=/account")
    page = await browser.sign_in("amy", NEW)
    assert page.path != "/account"


# --- limits ----------------------------------------------------------------------------------------------------------


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


# --- where it is, and where it leads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["?flow=https://evil.example", "?to=//evil.example", "?to=https://evil.example/", "?flow=%0d%0aX"],
)
async def test_the_way_back_is_a_page_of_ours(application: Application, sink: Sink, query: str) -> None:
    page = await ask(application.browser(), "amy", query)
    assert "to=%2Foauth%2Frevoke" in page.url
    assert "evil.example" not in page.text
    done = await application.browser().open(f"/forgot-password/done{query}")
    assert 'class="button only" href="/login?to=%2Foauth%2Frevoke"' in done.text


async def test_a_form_of_elsewhere_asks_for_nothing(application: Application, sink: Sink) -> None:
    browser = application.browser()
    await browser.open("/forgot-password")
    page = await browser.post_from_elsewhere("/forgot-password", [("username", "amy"), ("csrf", "x")])
    assert page.status == 403
    assert await mailed(application, sink) == []


@pytest.mark.parametrize("request_id", ["", "?request=", "?request=x", "?request=" + "A" * 44])
async def test_a_page_without_its_request_begins_anew(application: Application, request_id: str) -> None:
    assert (await application.browser().open(f"/forgot-password/code{request_id}")).path == "/forgot-password"


async def test_a_page_that_a_mail_led_to_leaves_it_to_the_mail_how_long_its_code_is_good(
    application: Application,
) -> None:
    browser = application.browser()
    address = "/forgot-password/code?request=" + "A" * 43
    assert "15 minutes" in (await browser.open(address)).text
    assert "15 minutes" not in (await browser.open(f"{address}&by=mail")).text
    page = await browser.submit(code="AAAAA-AAAAA", password=NEW, again=NEW)
    assert "The code was not right" in page.text
    assert "15 minutes" not in page.text


async def test_without_a_mail_server_nothing_is_offered(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings())
    browser = application.browser()
    assert 'id="forgot"' not in (await browser.open("/login")).text
    for path in ("/forgot-password", "/forgot-password/code", "/unlock"):
        assert (await browser.open(path)).status == 404


async def test_a_setting_switches_it_off(open_with: OpenWith, sink: Sink) -> None:
    off = SignInSettings(local=LocalSettings(forgot_password=False))
    application = await open_with_mail(open_with, sink, sign_in=off)
    assert (await application.browser().open("/forgot-password")).status == 404


async def test_mail_goes_to_who_reads_an_address_also_where_it_is_somebody_elses_name(
    application: Application, sink: Sink
) -> None:
    await application.add_person("amy@mail.example", email="evil@mail.example")
    await ask(application.browser(), "amy@mail.example")
    assert [to for to, _, _ in await mailed(application, sink)] == ["amy@mail.example"]
    await ask(application.browser(), "evil@mail.example")
    assert [to for to, _, _ in await mailed(application, sink)] == ["evil@mail.example"]
