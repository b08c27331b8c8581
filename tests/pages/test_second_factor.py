"""The second step of signing in: asked of those who have it, or must; nothing of ours opens without it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from applications import OpenWith
from assent.engine.second_factors import MFA_ACR
from assent.engine.settings import EngineSettings
from assent.spec.permissions import Permission
from assent.storage.tables import CODES, ONE_TIME_CODES, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import Phone, half_signed_in, recovery_codes, with_phone

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
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    phone, codes, _ = await with_phone(application, "amy")
    return application, phone, codes


async def claims_of(application: Application, page: object) -> dict[str, object]:
    answer = await application.smart_app().redeem(application.http(), page)  # type: ignore[arg-type]
    return await application.server.keys.verify(answer.json()["id_token"], "JWT")


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


async def test_a_code_works_once(amy: tuple[Application, Phone, list[str]]) -> None:
    application, phone, _ = amy
    first, second = await half_signed_in(application, "amy"), await half_signed_in(application, "amy")
    code = phone.next_code()
    assert (await first.submit(code=code)).path == "/account"
    page = await second.submit(code=code)
    assert page.path == "/second-factor"
    assert "was used before" in page.text


async def test_a_code_at_two_nodes_at_once_works_once(
    amy: tuple[Application, Phone, list[str]],
    open_beside: Callable[[Application], Awaitable[Application]],
) -> None:
    application, phone, _ = amy
    other = await open_beside(application)
    browsers = [await half_signed_in(node, "amy") for node in (application, other) for _ in range(3)]
    code = phone.next_code()
    pages = await asyncio.gather(*[browser.submit(code=code) for browser in browsers])
    assert sorted(page.path for page in pages).count("/account") == 1


@pytest.mark.parametrize(("drift", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_off(
    amy: tuple[Application, Phone, list[str]], drift: int, is_right: bool
) -> None:
    application, phone, _ = amy
    application.clock.advance(300)
    browser = await half_signed_in(application, "amy")
    page = await browser.submit(code=phone.code(drift))
    assert (page.path == "/account") is is_right


async def test_wrong_codes_cost_ever_more_time_and_a_password_does_not_help(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    application.clock.advance(3600)
    browser = await half_signed_in(application, "amy")
    for _ in range(5):
        page = await browser.submit(code="000000")
        assert page.status == 200
    page = await browser.submit(code=phone.code())
    assert page.status == 429
    assert page.answer.headers["retry-after"] == "30"
    browser = await half_signed_in(application, "amy")
    assert (await browser.submit(code=phone.code())).status == 429
    application.clock.advance(31)
    assert (await browser.submit(code="000000")).status == 200
    page = await browser.submit(code=phone.code())
    assert page.answer.headers["retry-after"] == "60"
    application.clock.advance(61)
    assert (await browser.submit(code=phone.code())).path == "/account"
    [*_, proven] = await application.audit("second_factor.proven")
    assert proven.detail == {"amr": ["pwd", "otp", "mfa"], "kind": "one-time code"}
    refused = await application.audit("second_factor.refused")
    assert {str(one.detail) for one in refused} == {"{'kind': 'one-time code', 'reason': 'wrong'}"}


async def test_guesses_that_arrive_together_are_all_counted(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, _, _ = amy
    application.clock.advance(3600)
    browsers = [await half_signed_in(application, "amy") for _ in range(8)]
    pages = await asyncio.gather(*[browser.submit(code="111111") for browser in browsers])
    assert [page.status for page in pages].count(200) == 5
    assert [page.status for page in pages].count(429) == 3


async def test_what_has_no_form_of_a_code_is_a_slip_and_no_guess(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, phone, _ = amy
    browser = await half_signed_in(application, "amy")
    for slip in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12-34-56") * 2:
        assert (await browser.submit(code=slip)).status == 200
    code = phone.next_code()
    assert (await browser.submit(code=f" {code[:3]} {code[3:]} ")).path == "/account"


async def test_a_recovery_code_lets_in_once_however_it_is_typed(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, _, codes = amy
    browser = await half_signed_in(application, "amy")
    page = await browser.submit("use-recovery", recovery_code=codes[0].upper().replace("-", " "))
    assert page.path == "/account"
    browser = await half_signed_in(application, "amy")
    page = await browser.submit("use-recovery", recovery_code=codes[0])
    assert page.path == "/second-factor"
    page = await browser.submit("use-recovery", recovery_code=codes[1])
    assert page.path == "/account"
    assert "8 recovery codes left" in (await browser.open("/account/second-factor")).text


async def test_a_recovery_code_twice_at_once_lets_in_once(
    amy: tuple[Application, Phone, list[str]],
) -> None:
    application, _, codes = amy
    browsers = [await half_signed_in(application, "amy") for _ in range(4)]
    pages = await asyncio.gather(
        *[browser.submit("use-recovery", recovery_code=codes[3]) for browser in browsers]
    )
    assert [page.path for page in pages].count("/account") == 1


async def test_another_persons_codes_are_worth_nothing(amy: tuple[Application, Phone, list[str]]) -> None:
    application, phone, codes = amy
    await application.add_lee()
    await with_phone(application, "lee")
    browser = await half_signed_in(application, "lee")
    assert (await browser.submit(code=phone.next_code())).path == "/second-factor"
    assert (await browser.submit("use-recovery", recovery_code=codes[0])).path == "/second-factor"


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
