"""From a request that is over, a person finds back to the app: to its own page, as it is registered."""

from typing import Any

import pytest

from assent.storage.interface import Change, act
from assent.storage.tables import CLIENTS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page

SCOPE = "openid launch/patient patient/*.rs"
LINK = 'id="back"'


async def launched(application: Application, **fields: Any) -> tuple[Browser, Page]:
    """Somebody before the sign-in of an app, whose definition has these fields."""
    await application.add_client(**{"client_uri": "https://diary.example/", **fields})
    await application.add_amy()
    browser = application.browser()
    return browser, await application.smart_app().launch(browser, SCOPE)


async def test_a_request_that_was_answered_leads_back_to_the_app(application: Application) -> None:
    browser, _ = await launched(application)
    page = await browser.sign_in("amy")
    await browser.approve()
    again = await browser.open(page.url)
    assert "This step is already done" in again.text
    assert 'href="https://diary.example/"' in again.text
    assert "Go back to Chart App" in again.text
    assert "(diary.example)" in again.text


async def test_a_request_that_took_too_long_leads_back_to_the_app(application: Application) -> None:
    browser, page = await launched(application)
    application.clock.advance(application.server.settings.pending_seconds + 1)
    again = await browser.open(page.url)
    assert "This took too long" in again.text
    assert 'href="https://diary.example/"' in again.text


async def test_another_browser_is_not_told_whose_request_took_too_long(application: Application) -> None:
    _, page = await launched(application)
    application.clock.advance(application.server.settings.pending_seconds + 1)
    again = await application.browser().open(page.url)
    assert "This took too long" in again.text
    assert LINK not in again.text


async def test_an_app_that_was_switched_off_is_not_led_to(application: Application) -> None:
    browser, page = await launched(application)
    await application.server.storage.commit(act(Change(CLIENTS, ("app",), {"enabled": False})))
    application.clock.advance(application.server.settings.pending_seconds + 1)
    assert LINK not in (await browser.open(page.url)).text


@pytest.mark.parametrize("client_uri", [None, "http://diary.example/", "javascript:alert(1)"])
async def test_nothing_but_a_web_page_is_led_to(application: Application, client_uri: str | None) -> None:
    browser, _ = await launched(application, client_uri=client_uri)
    page = await browser.sign_in("amy")
    await browser.approve()
    again = await browser.open(page.url)
    assert "This step is already done" in again.text
    assert LINK not in again.text
