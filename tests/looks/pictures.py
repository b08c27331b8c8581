"""The pictures of `docs/pages.md`, drawn while the tests look at the pages, when `ASSENT_DRAW` is set."""

import os

from playwright.sync_api import Browser, Page

from looks.screens import DESKTOP, PHONE
from scripts.pages_in_docs import FOLDER, SHOWN
from scripts.small_png import small_png

MOST_HEIGHT = 1000


def draw(browser: Browser, page: Page, journey: str, look: str) -> None:
    """Keeps the picture of this page in this look, where the documentation shows it and somebody asked for it."""
    shown = SHOWN.get(journey)
    if "ASSENT_DRAW" not in os.environ or shown is None or look not in shown.pictures():
        return
    window = DESKTOP if look == "desktop" else PHONE
    page.set_viewport_size(window)
    page.emulate_media(color_scheme="dark" if look == "desktop" else "light")
    page.evaluate("scrollTo(0, 0)")
    height: int = page.evaluate("document.documentElement.scrollHeight")
    if look != "desktop":
        page.set_viewport_size({**window, "height": min(max(height, window["height"]), MOST_HEIGHT)})
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / shown.pictures()[look]).write_bytes(small_png(browser, page.screenshot(animations="disabled")))
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
