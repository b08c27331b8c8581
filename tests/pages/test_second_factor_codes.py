"""Which code is right at the second step, how often, and what a wrong one costs."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from assent.testing.application import Application
from pages.factors import Phone, amy_with_phone, half_signed_in, with_phone


@pytest.fixture
async def amy(application: Application) -> tuple[Application, Phone, list[str]]:
    return await amy_with_phone(application)


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
