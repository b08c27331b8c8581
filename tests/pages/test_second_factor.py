"""The second step of signing in: asked of those who have it, and nothing of ours opens without it."""

import pytest

from assent.engine.second_factors import MFA_ACR
from assent.storage.tables import CODES, SESSIONS
from assent.testing.application import Application
from pages.factors import Phone, amy_with_phone, claims_of, half_signed_in

SCOPE = "openid fhirUser"
OWN_PAGES = (
    "/account",
    "/oauth/revoke",
    "/account/consents",
    "/account/second-factor",
    "/account/consents.json",
)


@pytest.fixture
async def amy(application: Application) -> tuple[Application, Phone, list[str]]:
    return await amy_with_phone(application)


async def test_who_has_set_up_nothing_is_not_asked_and_no_token_boasts(application: Application) -> None:
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    page = await browser.sign_in("amy")
    claims = await claims_of(application, page)
    assert claims["amr"] == ["pwd"]
    assert "acr" not in claims


async def test_the_code_of_her_phone_is_asked_before_the_app_gets_anything(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    page = await browser.sign_in("amy")
    assert (page.path, page.left_to) == ("/second-factor", None)
    assert not await application.server.storage.find(CODES)
    page = await browser.submit(code=phone.next_code())
    claims = await claims_of(application, page)
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["acr"] == MFA_ACR


async def test_a_password_alone_opens_none_of_her_pages(amy: tuple[Application, Phone, list[str]]) -> None:
    application, _, _ = amy
    browser = await half_signed_in(application, "amy")
    for path in OWN_PAGES:
        assert (await browser.open(path)).path == "/second-factor"
    assert (await browser.open("/second-factor/qr.svg")).status == 404
    page = await browser.post("/oauth/revoke", [("client_id", "app"), ("decision", "revoke")])
    assert page.status == 403


async def test_prompt_none_says_that_the_person_has_something_to_do(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, _, _ = amy
    browser = await half_signed_in(application, "amy")
    page = await application.smart_app().launch(browser, SCOPE, prompt="none")
    assert page.answered["error"] == "interaction_required"


async def test_the_session_goes_on_under_a_new_id(amy: tuple[Application, Phone, list[str]]) -> None:
    application, phone, _ = amy
    browser = await half_signed_in(application, "amy")
    before = browser.cookies["assent-session"]
    page = await browser.submit(code=phone.next_code())
    assert page.path == "/account"
    assert browser.cookies["assent-session"] != before
    thief = application.browser()
    answer = await thief.ask("GET", "/account")
    assert answer.status_code == 303
    ended = [one for one in await application.server.storage.find(SESSIONS) if one.ended_at]
    assert ended


async def test_somebody_else_may_sign_in_instead(amy: tuple[Application, Phone, list[str]]) -> None:
    application, _, _ = amy
    await application.add_lee()
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    await browser.sign_in("amy")
    page = await browser.submit("leave")
    assert page.path == "/login"
    assert "code" in (await browser.sign_in("lee")).answered


async def test_the_form_is_bound_to_its_browser_and_sign_in(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    browser = await half_signed_in(application, "amy")
    page = browser.here
    other = await half_signed_in(application, "amy")
    fields = page.form().filled("submit", code=phone.next_code())
    assert (await other.post(page.url, fields)).status == 403
    await browser.open("/login?to=/account")
    await browser.sign_in("amy")
    assert (await browser.submit_on(page, code=phone.code())).status == 403


async def test_signing_out_half_way_ends_what_was_begun(amy: tuple[Application, Phone, list[str]]) -> None:
    application, _, _ = amy
    browser = await half_signed_in(application, "amy")
    await browser.open("/oauth/logout")
    await browser.submit()
    assert (await browser.open("/account")).path == "/login"
