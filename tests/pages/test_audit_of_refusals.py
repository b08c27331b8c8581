"""Refusals on the pages of accounts that leave a row in the audit log, with a reason and without what was typed."""

from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import APP, OWN
from pages.mail import NEW
from pages.test_signup import Open, Place, open_place, place

__all__ = ["open_place", "place"]


async def signed_in(application: Application, to: str) -> Browser:
    browser = application.browser()
    await browser.open(f"/login?to={to}")
    assert (await browser.sign_in("amy")).path == to
    return browser


async def test_a_link_that_unlocks_nothing(place: Place) -> None:
    browser = place.application.browser()
    await browser.open(f"/unlock?link={'A' * 43}")
    assert (await browser.submit()).status == 410
    [event] = await place.application.audit("account.unlock_refused")
    assert (event.outcome, event.person_id) == ("refused", None)
    assert event.detail == {"reason": "the link is used, too old, or none of ours"}


async def test_a_wrong_code_while_an_app_is_set_up(application: Application) -> None:
    amy = await application.add_amy()
    browser = await signed_in(application, OWN)
    await browser.open(APP)
    await browser.submit(code="000000")
    [event] = await application.audit("second_factor.refused")
    assert event.person_id == amy.person_id
    assert event.detail == {"kind": "one-time code", "reason": "wrong while it was set up"}


async def test_a_change_of_password_that_has_to_wait(application: Application) -> None:
    await application.add_amy()
    browser = await signed_in(application, "/account/password")
    status = 200
    while status != 429:
        await browser.open("/account/password")
        status = (await browser.submit(current="wrong", password=NEW, again=NEW)).status
    reasons = [
        event.detail["reason"] for event in await application.audit("password.change_refused") if event.detail
    ]
    assert set(reasons) == {"wrong current password", "too many wrong current passwords"}
    assert reasons.count("too many wrong current passwords") == 1


async def test_a_sign_up_that_is_over(open_place: Open) -> None:
    place = await open_place(code_seconds=600)
    browser = place.application.browser()
    await place.begin(browser)
    place.application.clock.advance(600)
    assert (await place.finish(browser)).status == 400
    [event] = await place.application.audit("user.registration_refused")
    assert event.detail == {"reason": "unknown, too old, finished, or tried too often"}
