"""Every page of a running demo, and of a server with mail, reached as a person reaches it, in English and in Arabic."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from e2e.clinic import Clinic
from looks import at_the_clinic
from looks.addresses import ADDRESSES
from looks.keyboard import check_keyboard
from looks.load import Loads
from looks.pictures import draw
from looks.rules import check_as_sent
from looks.screens import PHONE, check_other_words, check_screens
from looks.scripts import equip_page
from scripts.pages_to_show import JOURNEYS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_page_that_is_reached_has_no_barrier(browser: Browser, demo_url: str, name: str) -> None:
    check(browser, name, lambda page: JOURNEYS[name](page, demo_url))


@pytest.mark.parametrize("name", at_the_clinic.JOURNEYS)
def test_a_page_that_the_demo_has_not_has_no_barrier(browser: Browser, clinic: Clinic, name: str) -> None:
    check(browser, name, lambda page: at_the_clinic.JOURNEYS[name](page, clinic))


def check(browser: Browser, name: str, journey: Callable[[Page], Page]) -> None:
    """Goes there, in a browser of its own, and looks at the page; draws it where pictures are asked for."""
    context = browser.new_context(locale="en-GB", viewport=PHONE, reduced_motion="reduce")
    loads = Loads().over(context)
    page = journey(context.new_page())
    path = urlsplit(page.url).path
    assert path == ADDRESSES.get(name, path)
    found = look(page, loads)
    draw(browser, page, name, "phone")
    draw(browser, page, name, "desktop")
    if page.locator(".languages").count():
        switch_language(page, "ar")
        assert page.locator("html").get_attribute("dir") == "rtl"
        page.wait_for_load_state()
        equip_page(page)
        in_arabic = check_as_sent(page, loads.of(page)) + check_other_words(page)
        found += [f"in Arabic: {each}" for each in in_arabic]
        draw(browser, page, name, "arabic")
    context.close()
    assert not found, "\n".join(found)


def look(page: Page, loads: Loads) -> list[str]:
    """All that is wrong with the page where it stands."""
    page.wait_for_load_state()
    equip_page(page)
    return [*check_as_sent(page, loads.of(page)), *check_keyboard(page), *check_screens(page)]


def switch_language(page: Page, language: str) -> None:
    """Follows the switch of the page."""
    page.goto(str(page.locator(f".languages a[lang={language}]").evaluate("link => link.href")))
