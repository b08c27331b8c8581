"""Every page of a running demo, reached as a person reaches it, in English and in Arabic."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from looks.addresses import ADDRESSES
from looks.keyboard import check_keyboard
from looks.load import Loads
from looks.pictures import draw
from looks.rules import check_as_sent
from looks.screens import PHONE, check_screens
from looks.scripts import equip
from scripts.pages_to_show import JOURNEYS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_page_that_is_reached_has_no_barrier(browser: Browser, demo_url: str, name: str) -> None:
    context = browser.new_context(locale="en-GB", viewport=PHONE, reduced_motion="reduce")
    equip(context)
    loads = Loads().over(context)
    page = JOURNEYS[name](context.new_page(), demo_url)
    path = urlsplit(page.url).path
    assert path == ADDRESSES.get(name, path)
    found = look(page, loads)
    draw(browser, page, name, "phone")
    draw(browser, page, name, "desktop")
    if page.locator(".languages").count():
        switch_language(page, "ar")
        assert page.locator("html").get_attribute("dir") == "rtl"
        found += [f"in Arabic: {each}" for each in look(page, loads)]
        draw(browser, page, name, "arabic")
    context.close()
    assert not found, "\n".join(found)


def look(page: Page, loads: Loads) -> list[str]:
    """All that is wrong with the page where it stands."""
    page.wait_for_load_state()
    return [*check_as_sent(page, loads.of(page)), *check_keyboard(page), *check_screens(page)]


def switch_language(page: Page, language: str) -> None:
    """Follows the switch of the page."""
    page.goto(str(page.locator(f".languages a[lang={language}]").evaluate("link => link.href")))
