"""The page by keyboard: where Tab goes, whether one sees it, whether it comes out again.

Sources: WCAG 2.2 2.1.2 (no keyboard trap), 2.4.3 (focus order), 2.4.7 (focus visible), 2.4.11 (focus not obscured),
3.3.1 (error identification).
"""

from typing import Final

from playwright.sync_api import Page

MOST_WITHIN: Final = 50


def check_keyboard(page: Page) -> list[str]:
    """All that is asked of a page by keyboard, as it stands after it was opened; what is wrong, in words."""
    return check_first_focus(page) + check_tab_order(page)


def check_first_focus(page: Page) -> list[str]:
    """Where a form came back with a problem, the problem has the focus, and leads to what it is about."""
    if not page.locator("#problem").count():
        return []
    if not page.evaluate("document.activeElement.id === 'problem'"):
        return ["the problem does not have the focus"]
    links = page.locator("#problem a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [f"the problem leads nowhere: {each}" for each in links if not page.locator(each).count()]


def check_tab_order(page: Page) -> list[str]:
    """Tab meets every control in the order of the page, each marked and in sight, and then goes on."""
    stops: list[str] = page.evaluate("looks.tabStops()")
    page.evaluate("looks.focusStart()")
    found = []
    for index, stop in enumerate(stops):
        press_tab(page, index - 1)
        at = page.evaluate("looks.focused()")
        if at is None or at["stop"] != index:
            return [*found, f"Tab {index + 1} stands at {at and at['name']}, not at {stop}"]
        found += [f"the focus is not marked on {stop}"] * (not at["isMarked"])
        found += [f"the focus is out of sight on {stop}"] * (not at["isInSight"])
    press_tab(page, len(stops) - 1)
    last = page.evaluate("looks.focused()")
    page.evaluate("document.activeElement.blur()")
    return found if last is None or last["stop"] == 0 else [*found, f"Tab is caught at {last['name']}"]


def press_tab(page: Page, stop: int) -> None:
    """From this stop to the next one, past what lies within: the controls of a frame, the parts of a date."""
    for _ in range(MOST_WITHIN):
        page.keyboard.press("Tab")
        if not page.evaluate("stop => looks.isWithin(stop)", stop):
            return
