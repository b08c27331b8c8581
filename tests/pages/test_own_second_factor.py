"""What a person does with her second factor on her account page, and browsers that are not asked again."""

import asyncio

import pytest

from applications import OpenWith
from assent.engine.second_factors import MFA_ACR
from assent.engine.settings import EngineSettings
from assent.storage.tables import ONE_TIME_CODES, RECOVERY_CODES, REMEMBERED_BROWSERS
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import APP, OWN, Phone, half_signed_in, recovery_codes, with_phone

DAY = 86400


@pytest.fixture
async def amy(application: Application) -> tuple[Application, Phone, list[str], Browser]:
    await application.add_amy()
    return (application, *await with_phone(application, "amy"))


async def test_the_account_page_says_whether_it_is_on(application: Application) -> None:
    await application.add_amy()
    browser = application.browser()
    await browser.open("/login?to=/account")
    page = await browser.sign_in("amy")
    assert "It is off" in page.text
    _, _, browser = await with_phone(application, "amy")
    assert "It is on" in (await browser.open("/account")).text


async def test_setting_it_up_asks_other_browsers_of_hers_too(application: Application) -> None:
    await application.add_amy()
    other = application.browser("203.0.113.3")
    await other.open("/login?to=/account")
    assert (await other.sign_in("amy")).path == "/account"
    await with_phone(application, "amy")
    assert (await other.open("/account")).path == "/second-factor"


async def test_a_wrong_code_sets_up_nothing_and_keeps_the_key(application: Application) -> None:
    await application.add_amy()
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    await browser.sign_in("amy")
    phone = Phone.scanning(application, await browser.open(APP))
    page = await browser.submit(code="000000")
    assert "That code is not right" in page.text
    assert Phone.scanning(application, page) == phone
    assert not await application.server.storage.find(ONE_TIME_CODES)
    application.clock.advance(1801)  # what was shown is over
    assert (await browser.submit(code=phone.code())).path == "/login"
    assert not await application.server.storage.find(ONE_TIME_CODES)


async def test_the_same_form_at_once_sets_up_once(application: Application) -> None:
    await application.add_amy()
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    await browser.sign_in("amy")
    page = await browser.open(APP)
    code = Phone.scanning(application, page).code()
    pages = await asyncio.gather(*[browser.submit_on(page, code=code) for _ in range(3)])
    assert [bool(recovery_codes(one)) for one in pages].count(True) == 1
    assert len(await application.audit("second_factor.set_up")) == 1


async def test_the_code_that_confirmed_it_signs_nobody_in(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, phone, _, _ = amy
    browser = await half_signed_in(application, "amy")
    assert (await browser.submit(code=phone.code())).path == "/second-factor"


async def test_changing_asks_for_a_code_again_when_some_time_has_passed(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, phone, _, browser = amy
    page = await browser.open(OWN)
    application.clock.advance(601)
    assert (await browser.submit_on(page, "remove-app")).path == "/second-factor"
    assert await application.server.storage.find(ONE_TIME_CODES)
    page = await browser.submit(code=phone.next_code())
    assert page.path == OWN
    await browser.submit("remove-app")
    assert not await application.server.storage.find(ONE_TIME_CODES)


async def test_who_has_none_signs_in_again_before_setting_one_up(application: Application) -> None:
    await application.add_amy()
    browser = application.browser()
    await browser.open("/login?to=/account")
    await browser.sign_in("amy")
    application.clock.advance(601)
    assert (await browser.open(APP)).path == "/login"


async def test_removing_the_last_one_takes_recovery_codes_along_and_asks_no_more(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, _, _, browser = amy
    await browser.open(OWN)
    page = await browser.submit("remove-app")
    assert "Set up an authenticator app" in page.text
    assert not await application.server.storage.find(RECOVERY_CODES)
    other = application.browser()
    await other.open("/login?to=/account")
    assert (await other.sign_in("amy")).path == "/account"
    kinds = {str(one.detail) for one in await application.audit("second_factor.removed")}
    assert kinds == {"{'kind': 'one-time codes'}", "{'kind': 'recovery codes'}"}


async def test_another_phone_takes_the_place_of_the_first_and_of_its_recovery_codes(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, old, codes, browser = amy
    new = Phone.scanning(application, await browser.open(APP))
    assert new != old
    half = await half_signed_in(application, "amy")
    # what is being set up proves nothing yet
    assert (await half.submit(code=new.next_code())).path == "/second-factor"
    assert (await half.submit(code=old.code())).path == "/account"
    assert len(recovery_codes(await browser.submit(code=new.code()))) == 10
    half = await half_signed_in(application, "amy")
    assert (await half.submit(code=old.next_code())).path == "/second-factor"
    assert (await half.submit("use-recovery", recovery_code=codes[0])).path == "/second-factor"
    assert (await half.submit(code=new.code())).path == "/account"


async def test_new_recovery_codes_end_the_old_ones(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, _, old, browser = amy
    await browser.open(OWN)
    new = recovery_codes(await browser.submit("new-codes"))
    assert len(set(new) - set(old)) == 10
    half = await half_signed_in(application, "amy")
    assert (await half.submit("use-recovery", recovery_code=old[0])).path == "/second-factor"
    assert (await half.submit("use-recovery", recovery_code=new[0])).path == "/account"


async def test_a_decision_that_does_not_exist_is_refused(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    _, _, _, browser = amy
    page = await browser.open(OWN)
    csrf = page.forms[0].values("csrf")[0]
    assert (await browser.post(OWN, [("csrf", csrf), ("decision", "all")])).status == 400
    answer = await browser.post(OWN, [("csrf", csrf), ("decision", "remove-passkey"), ("passkey_id", "x")])
    assert answer.status == 400
    assert (await browser.post(OWN, [("decision", "remove-app")])).status == 403


@pytest.fixture
async def remembering(open_with: OpenWith) -> tuple[Application, Phone, Browser]:
    """Amy has proven both factors in a browser that is to be remembered for a week, and signed out."""
    application = await open_with(engine=EngineSettings(second_factor_remember_days=7))
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    phone, _, _ = await with_phone(application, "amy")
    browser = await half_signed_in(application, "amy")
    page = await browser.submit(code=phone.next_code(), remember="yes")
    assert page.path == "/account"
    return application, phone, browser


async def signs_in(browser: Browser, username: str = "amy") -> str:
    await browser.open("/login?to=/account")
    return (await browser.sign_in(username)).path


async def test_by_default_no_browser_can_be_remembered(
    amy: tuple[Application, Phone, list[str], Browser],
) -> None:
    application, phone, _, _ = amy
    browser = await half_signed_in(application, "amy")
    assert 'name="remember"' not in browser.here.text
    await browser.submit(code=phone.next_code(), remember="yes")
    assert not await application.server.storage.find(REMEMBERED_BROWSERS)
    assert await signs_in(browser) == "/second-factor"


async def test_a_remembered_browser_is_not_asked_for_as_long_as_it_was_said(
    remembering: tuple[Application, Phone, Browser],
) -> None:
    application, _, browser = remembering
    assert await signs_in(browser) == "/account"
    assert await signs_in(application.browser()) == "/second-factor"
    application.clock.advance(7 * DAY)
    assert await signs_in(browser) == "/second-factor"


async def test_it_is_remembered_for_one_person(remembering: tuple[Application, Phone, Browser]) -> None:
    application, _, browser = remembering
    await application.add_lee()
    await with_phone(application, "lee")
    assert await signs_in(browser, "lee") == "/second-factor"
    assert await signs_in(browser) == "/account"


async def test_no_token_says_two_factors_and_an_app_that_wants_two_gets_them(
    remembering: tuple[Application, Phone, Browser],
) -> None:
    application, phone, browser = remembering
    await signs_in(browser)
    app = application.smart_app()
    page = await app.launch(browser, "openid")
    tokens = (await app.redeem(application.http(), page)).json()
    claims = await application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims["amr"] == ["pwd"]
    assert "acr" not in claims
    assert (await app.launch(browser, "openid", acr_values=MFA_ACR)).path == "/second-factor"
    assert "code" in (await browser.submit(code=phone.next_code())).answered


async def test_she_can_have_it_forgotten(remembering: tuple[Application, Phone, Browser]) -> None:
    application, phone, browser = remembering
    page = await browser.open(OWN)
    [kept] = page.form("forget").values("browser")
    await application.add_lee()
    _, _, lee = await with_phone(application, "lee")
    csrf = (await lee.open(OWN)).forms[0].values("csrf")[0]
    await lee.post(OWN, [("csrf", csrf), ("decision", "forget"), ("browser", kept)])
    assert await signs_in(browser) == "/account"  # nobody else can
    await browser.open(OWN)
    await browser.submit(code=phone.next_code())
    await browser.submit("forget")
    assert await signs_in(browser) == "/second-factor"


async def test_what_is_open_there_ends_with_it(remembering: tuple[Application, Phone, Browser]) -> None:
    application, phone, lost = remembering
    assert await signs_in(lost) == "/account"  # by her password alone
    hers, third = application.browser(), application.browser()
    for browser in (third, hers):
        assert await signs_in(browser) == "/second-factor"
        application.clock.advance(30)
        await browser.submit(code=phone.next_code())
    assert (await lost.open("/account")).path == "/account"
    await hers.open(OWN)
    await hers.submit("forget")
    assert (await lost.open("/account")).path == "/login"
    for browser in (hers, third):  # which have shown the factor
        assert (await browser.open("/account")).path == "/account"
    [ended] = await application.audit("session.ended")
    assert (ended.detail or {})["because"] == "a remembered browser was forgotten"


async def test_a_new_phone_and_the_end_of_all_factors_forget_browsers(
    remembering: tuple[Application, Phone, Browser],
) -> None:
    application, _, browser = remembering
    new = Phone.scanning(application, await browser.open(APP))
    await browser.submit(code=new.code())
    other = application.browser()
    assert await signs_in(other) == "/second-factor"
    assert await signs_in(browser) == "/second-factor"
