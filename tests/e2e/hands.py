"""The ways in which a person works a page: with a mouse, with a finger, by keyboard alone.

Each does the same few things to what a selector names, and nothing that this way cannot do: a keyboard reaches a
control by Tab alone, in sight and marked.
"""

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

MOST_TABS = 80


class Hands(Protocol):
    """What every way can do."""

    page: Page

    def write(self, selector: str, text: str) -> None:
        """Fills in a field."""

    def press(self, selector: str) -> None:
        """Presses a button, follows a link, opens a part of the page."""

    def pick(self, selector: str) -> None:
        """Takes one of several."""

    def toggle(self, selector: str) -> None:
        """Ticks or unticks."""

    def select(self, selector: str, value: str) -> None:
        """Takes one of a list."""


@dataclass
class Mouse:
    """Points and clicks."""

    page: Page

    def write(self, selector: str, text: str) -> None:
        self.page.click(selector)
        self.page.fill(selector, text)

    def press(self, selector: str) -> None:
        self.page.click(selector)

    def pick(self, selector: str) -> None:
        self.page.click(selector)

    def toggle(self, selector: str) -> None:
        self.page.click(selector)

    def select(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)


@dataclass
class Finger(Mouse):
    """Taps."""

    def write(self, selector: str, text: str) -> None:
        self.page.tap(selector)
        self.page.fill(selector, text)

    def press(self, selector: str) -> None:
        self.page.tap(selector)

    def pick(self, selector: str) -> None:
        self.page.tap(selector)

    def toggle(self, selector: str) -> None:
        self.page.tap(selector)


@dataclass
class Keys:
    """Presses keys, and never points."""

    page: Page

    def write(self, selector: str, text: str) -> None:
        tab_to(self.page, selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, selector: str) -> None:
        tab_to(self.page, selector)
        self.page.keyboard.press("Enter")

    def pick(self, selector: str) -> None:
        """Tab reaches the group, the arrows go through it."""
        name = self.page.locator(selector).get_attribute("name")
        tab_to(self.page, f"input[name={name}]")
        self.page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            if self.page.locator(selector).is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {selector}")

    def toggle(self, selector: str) -> None:
        tab_to(self.page, selector)
        self.page.keyboard.press("Space")

    def select(self, selector: str, value: str) -> None:
        tab_to(self.page, selector)
        self.page.keyboard.press("Home")
        for _ in range(MOST_TABS):
            if self.page.input_value(selector) == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {value} in {selector}")


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what the selector names has the focus, which must be seen."""
    page.wait_for_load_state()
    for _ in range(MOST_TABS):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", selector
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector} at {page.url}")
