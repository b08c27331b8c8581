"""A forgotten password: a code by mail, a new password with it, and what ends then."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.app.sign_in_settings import LocalSettings, SignInSettings
from assent.engine.settings import EngineSettings
from assent.identity.throttle import account_key, locked_until
from assent.records.people import Person
from assent.records.second_factors import OneTimeCodes
from assent.storage.interface import Act, Add, Change, act
from assent.storage.tables import GRANTS, ONE_TIME_CODES, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from pages.forgotten import ask, can_sign_in
from pages.mail import NEW, mailed, mailed_code, open_with_mail
from services.smtp_sink import Sink

SCOPE = "openid launch/patient patient/Observation.rs offline_access"


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


async def reset(application: Application, sink: Sink, browser: Browser, **given: Any) -> Page:
    await ask(browser, "amy")
    code = await mailed_code(application, sink)
    return await browser.submit(**{"code": code, "password": NEW, "again": NEW, **given})


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


async def test_accounts_without_a_password_crowd_nobody_out_of_an_address(
    application: Application, sink: Sink
) -> None:
    crowd = [
        Person(f"u-{number:03d}", f"eve-{number}", f"eve-{number}", email="amy@mail.example")
        for number in range(30)
    ]
    await application.server.storage.commit(Act(tuple(Add(PEOPLE, one) for one in crowd)))
    await ask(application.browser(), "amy@mail.example")
    [(to, subject, _)] = await mailed(application, sink)
    assert (to, subject) == ("amy@mail.example", "Your code for a new password at St. Elsewhere")
