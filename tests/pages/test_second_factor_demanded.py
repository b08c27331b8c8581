"""Who must have a second factor: by a setting, by a permission, or because an app asks for two."""

import pytest

from applications import OpenWith
from assent.engine.second_factors import MFA_ACR
from assent.engine.settings import EngineSettings
from assent.spec.permissions import Permission
from assent.storage.tables import ONE_TIME_CODES
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import Phone, amy_with_phone, claims_of, half_signed_in, recovery_codes

SCOPE = "openid fhirUser"


@pytest.fixture
async def amy(application: Application) -> tuple[Application, Phone, list[str]]:
    return await amy_with_phone(application)


async def test_whoever_must_have_one_sets_it_up_on_the_way(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings(second_factor="required"))
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    page = await browser.sign_in("amy")
    assert page.path == "/second-factor"
    picture = await browser.ask("GET", "/second-factor/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["cache-control"] == "no-store"
    phone = Phone.scanning(application, page)
    assert Phone.opening(application, page) == phone
    assert (await browser.submit(code="000000")).path == "/second-factor"
    assert Phone.scanning(application, browser.here) == phone
    page = await browser.submit(code=phone.code())
    assert len(recovery_codes(page)) == 10
    page = await browser.open(page.url)  # what the button on that page leads to
    assert (await claims_of(application, page))["acr"] == MFA_ACR
    [kept] = await application.server.storage.find(ONE_TIME_CODES)
    assert phone.key.encode() not in kept.secret_sealed


async def test_another_session_cannot_see_or_confirm_what_is_being_set_up(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings(second_factor="required"))
    await application.add_amy()
    first = await half_signed_in(application, "amy")
    seen = Phone.scanning(application, first.here)
    second = await half_signed_in(application, "amy")
    assert Phone.scanning(application, second.here) != seen
    assert (await first.submit(code=seen.code())).path == "/second-factor"
    assert not await application.server.storage.find(ONE_TIME_CODES)


async def test_holders_of_a_permission_may_have_to(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings(second_factor_permissions=("FHIR_ALL_READ",)))
    await application.add_lee()
    await application.add_amy()
    await half_signed_in(application, "lee")
    browser = application.browser()
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy")).path == "/account"


async def test_off_asks_nobody(open_with: OpenWith) -> None:
    settings = EngineSettings(second_factor="off", second_factor_permissions=("FHIR_ALL_READ",))
    application = await open_with(engine=settings)
    await application.add_person("lee", permissions=(Permission("FHIR_ALL_READ"),))
    browser = application.browser()
    await browser.open("/login?to=/account")
    page = await browser.sign_in("lee")
    assert page.path == "/account"
    assert "/account/second-factor" not in page.text
    assert (await browser.open("/account/second-factor")).path == "/account"
    document = (await application.http().get("/.well-known/openid-configuration")).json()
    assert "acr_values_supported" not in document


async def stepped_up(application: Application, browser: Browser) -> str:
    page = await application.smart_app().launch(browser, SCOPE, acr_values=MFA_ACR)
    return page.path


async def test_an_app_may_ask_for_two_factors_of_whoever_is_signed_in(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    document = (await application.http().get("/.well-known/openid-configuration")).json()
    assert document["acr_values_supported"] == [MFA_ACR]
    assert "acr" in document["claims_supported"]
    browser = application.browser()
    page = await application.smart_app().launch(browser, SCOPE, acr_values=f"urn:other {MFA_ACR}")
    page = await browser.sign_in("amy")
    page = await browser.submit(code=phone.next_code())
    assert (await claims_of(application, page))["acr"] == MFA_ACR
    page = await application.smart_app().launch(browser, SCOPE, acr_values=MFA_ACR, prompt="none")
    assert (await claims_of(application, page))["acr"] == MFA_ACR


async def test_who_has_none_and_is_signed_in_steps_up_by_setting_one_up(application: Application) -> None:
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    assert "code" in (await browser.sign_in("amy")).answered
    page = await application.smart_app().launch(browser, SCOPE, acr_values=MFA_ACR, prompt="none")
    assert page.answered["error"] == "interaction_required"
    assert await stepped_up(application, browser) == "/second-factor"
    phone = Phone.scanning(application, browser.here)
    page = await browser.submit(code=phone.code())
    assert len(recovery_codes(page)) == 10
    page = await browser.open(page.url)
    assert (await claims_of(application, page))["amr"] == ["pwd", "otp", "mfa"]


async def test_a_browser_that_was_left_alone_signs_in_again_before_setting_one_up(
    application: Application,
) -> None:
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    await browser.sign_in("amy")
    application.clock.advance(601)
    assert await stepped_up(application, browser) == "/login"
    page = await browser.sign_in("amy")
    assert page.path == "/second-factor"
    assert "QR" in page.text


async def test_signing_in_anew_for_a_request_asks_for_both_anew(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    browser = await half_signed_in(application, "amy")
    await browser.submit(code=phone.next_code())
    page = await application.smart_app().launch(browser, SCOPE, prompt="login")
    assert page.path == "/login"
    assert (await browser.sign_in("amy")).path == "/second-factor"
    assert "code" in (await browser.submit(code=phone.next_code())).answered
