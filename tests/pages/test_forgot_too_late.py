"""A code for a new password that works no more: what happened is said, and what to do, whoever asked for it."""

import pytest

from applications import OpenWith
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from pages.mail import NEW, open_with_mail
from services.smtp_sink import Sink

WRONG = {"code": "AAAAA-AAAAA", "password": NEW, "again": NEW}


@pytest.fixture
async def application(open_with: OpenWith, sink: Sink) -> Application:
    return await open_with_mail(open_with, sink)


async def ask(browser: Browser, username: str) -> Page:
    await browser.open("/forgot-password?to=/account")
    return await browser.submit(username=username)


@pytest.mark.parametrize("username", ["amy", "nobody-here"])
async def test_one_that_is_too_old_leads_to_another_one(application: Application, username: str) -> None:
    browser = application.browser()
    at = (await ask(browser, username)).url
    application.clock.advance(901)
    for page in (await browser.submit(**WRONG), await browser.open(at)):
        assert page.status == 410
        assert "This code works no more" in page.text
        assert 'href="/forgot-password?to=%2Faccount"' in page.text


@pytest.mark.parametrize("username", ["amy", "nobody-here"])
async def test_so_does_one_that_was_tried_too_often(application: Application, username: str) -> None:
    browser = application.browser()
    at = (await ask(browser, username)).url
    assert [(await browser.submit(**WRONG)).status for _ in range(5)] == [200] * 4 + [410]
    assert (await browser.open(at)).status == 410
