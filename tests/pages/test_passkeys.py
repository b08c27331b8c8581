"""Passkeys on our pages, with an authenticator made of software: where they are offered, and what they open."""

import html
import json
import re

import pytest

from applications import OpenWith
from assent.actions.accounts.people import disable_person
from assent.engine.second_factors import MFA_ACR
from assent.engine.settings import EngineSettings
from assent.storage.tables import PASSKEYS, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from identity.second_factor.authenticator import PRESENT, Authenticator
from pages.factors import OWN, half_signed_in, recovery_codes, with_phone


def options_of(page: Page) -> str:
    """What the page gives its script."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


@pytest.fixture
async def application(open_with: OpenWith) -> Application:
    application = await open_with(engine=EngineSettings(passkeys="sign_in"))
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    return application


async def with_passkey(application: Application) -> tuple[Authenticator, Browser]:
    """Amy has added a passkey on her account page."""
    mine = Authenticator(origin="http://localhost:9200", rp_id="localhost")
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    page = await browser.sign_in("amy")
    page = await browser.submit("add-passkey", passkey=mine.create(options_of(page)), name="Phone")
    assert len(recovery_codes(page)) == 10
    return mine, browser


async def test_a_passkey_alone_is_two_factors_to_the_app(application: Application) -> None:
    mine, _ = await with_passkey(application)
    [kept] = await application.server.storage.find(PASSKEYS)
    browser, app = application.browser(), application.smart_app()
    page = await app.launch(browser, "openid fhirUser", acr_values=MFA_ACR)
    assert page.path == "/login"
    answer = mine.get(options_of(page), user=kept.person_id)
    page = await browser.submit("use-passkey", passkey=answer)
    tokens = (await app.redeem(application.http(), page)).json()
    claims = await application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims["amr"] == ["hwk", "mfa"]
    assert claims["acr"] == MFA_ACR
    session = next(one for one in await application.server.storage.find(SESSIONS) if one.module == "passkey")
    assert session.factor_at == application.server.now()


async def test_as_a_second_step_it_needs_no_recognition_and_alone_it_does(application: Application) -> None:
    mine, _ = await with_passkey(application)
    [kept] = await application.server.storage.find(PASSKEYS)
    mine.flags = PRESENT
    browser = application.browser()
    page = await browser.open("/login?to=/account")
    page = await browser.submit("use-passkey", passkey=mine.get(options_of(page), user=kept.person_id))
    assert page.path == "/login"
    assert "could not be checked" in page.text
    browser = await half_signed_in(application, "amy")
    page = await browser.submit("use-passkey", passkey=mine.get(options_of(browser.here)))
    assert page.path == "/account"
    [event] = [one for one in await application.audit("login.refused") if one.detail]
    assert event.detail["module"] == "passkey"


async def test_an_answer_that_was_given_opens_nothing_more(application: Application) -> None:
    mine, _ = await with_passkey(application)
    browser = await half_signed_in(application, "amy")
    answer = mine.get(options_of(browser.here))
    assert (await browser.submit("use-passkey", passkey=answer)).path == "/account"
    other = await half_signed_in(application, "amy")
    page = await other.submit("use-passkey", passkey=answer)
    assert page.path == "/second-factor"
    assert "could not be checked" in page.text


async def test_a_disabled_account_is_not_opened_by_a_passkey(application: Application) -> None:
    mine, _ = await with_passkey(application)
    [kept] = await application.server.storage.find(PASSKEYS)
    await disable_person(application.server, "amy", actor="admin")
    browser = application.browser()
    page = await browser.open("/login?to=/account")
    page = await browser.submit("use-passkey", passkey=mine.get(options_of(page), user=kept.person_id))
    assert page.path == "/login"
    assert not [one for one in await application.server.storage.find(SESSIONS) if not one.ended_at]


@pytest.mark.parametrize(
    ("settings", "alone", "offered"),
    [
        (EngineSettings(), False, True),
        (EngineSettings(passkeys="off"), False, False),
        (EngineSettings(passkeys="sign_in"), True, True),
        (EngineSettings(passkeys="sign_in", second_factor="off"), False, False),
    ],
)
async def test_they_are_offered_where_the_settings_have_them_and_script_is_allowed_there_alone(
    open_with: OpenWith, settings: EngineSettings, alone: bool, offered: bool
) -> None:
    application = await open_with(engine=settings)
    await application.add_amy()
    browser = application.browser()
    page = await browser.open(f"/login?to={OWN}")
    assert ("data-options" in page.text) is alone
    assert ("script-src 'self'" in page.answer.headers["content-security-policy"]) is alone
    fields = [("csrf", page.forms[0].values("csrf")[0]), ("passkey", json.dumps({}))]
    assert (await browser.post(page.url, fields)).path == "/login"
    page = await browser.sign_in("amy")
    assert ('data-passkey="create"' in page.text) is offered
    assert ("script-src 'self'" in page.answer.headers["content-security-policy"]) is offered


async def test_who_has_a_phone_too_may_choose(application: Application) -> None:
    phone, _, browser = await with_phone(application, "amy")
    mine = Authenticator(origin="http://localhost:9200", rp_id="localhost")
    page = await browser.open(OWN)
    page = await browser.submit("add-passkey", passkey=mine.create(options_of(page)), name="")
    assert page.path == OWN  # recovery codes are there already
    for _ in range(2):
        half = await half_signed_in(application, "amy")
        assert {"submit", "use-passkey"} <= {name for form in half.here.forms for name in form.buttons}
        assert (await half.submit(code=phone.next_code())).path == "/account"
    half = await half_signed_in(application, "amy")
    assert (await half.submit("use-passkey", passkey=mine.get(options_of(half.here)))).path == "/account"
