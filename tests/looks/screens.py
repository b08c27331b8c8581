"""What holds for every page as it is seen: by axe-core, on small screens, with large text, in the system's own colours.

Each function leaves the window as it found it: a phone's, in light colours.
Sources: WCAG 2.2, level A and AA; of it 1.4.4 (resize text), 1.4.10 (reflow), 1.4.11 (non-text contrast) and 2.5.8
(target size) are looked at here too, where axe-core does not.
"""

from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize

PHONE: Final = ViewportSize(width=360, height=640)
DESKTOP: Final = ViewportSize(width=1280, height=800)
NARROWEST: Final = ViewportSize(width=320, height=640)
LEAST_TARGET: Final = 24

LEVELS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the colours: all that is asked again of the same page in other colours."""

SCHEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")


def check_screens(page: Page) -> list[str]:
    """All that is asked of a page as it is seen; what is wrong, in words."""
    found = []
    for kind, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(viewport)
        found += _say(kind, _barriers(page, "tag", LEVELS))
        found += _say(f"{kind}, too small", page.evaluate("least => looks.tooSmall(least)", LEAST_TARGET))
        page.emulate_media(color_scheme="dark")
        found += _say(f"{kind}, dark", _barriers(page, "rule", COLOURS))
        page.emulate_media(color_scheme="light")
    return found + check_reflow(page) + check_high_contrast(page) + check_system_colours(page)


def check_other_words(page: Page) -> list[str]:
    """What is asked again of a page that was looked at whole in another language: all that its words can change.

    Colours, focus and the order of things are those of the same template.
    """
    found = _say("phone", _barriers(page, "tag", LEVELS))
    found += _say("phone, too small", page.evaluate("least => looks.tooSmall(least)", LEAST_TARGET))
    return found + check_reflow(page)


def check_reflow(page: Page) -> list[str]:
    """Nobody has to scroll sideways, at 320 pixels and with text twice as large on a phone."""
    page.set_viewport_size(NARROWEST)
    found = _say("at 320 px", page.evaluate("looks.tooWide()"))
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += _say("with text twice as large", page.evaluate("looks.tooWide()"))
    page.evaluate("document.documentElement.removeAttribute('style')")
    return found


def check_high_contrast(page: Page) -> list[str]:
    """Who asks for more contrast gets no less of it, in light and dark."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(contrast="more", color_scheme=scheme)
        found += _say(f"{scheme}, more contrast", _barriers(page, "rule", COLOURS))
    page.emulate_media(contrast="no-preference", color_scheme="light")
    return found


def check_system_colours(page: Page) -> list[str]:
    """In forced colours fields, buttons and bands still have an edge, and nothing insists on colours of its own.

    Axe-core is not asked: it reads a fill colour of text that the browser reports unforced, and does not paint.
    """
    page.emulate_media(forced_colors="active")
    found = _say("no edge in forced colours", page.evaluate("looks.withoutEdge()"))
    found += _say("own colours in forced colours", page.evaluate("looks.unforced()"))
    page.emulate_media(forced_colors="none")
    return found


def _barriers(page: Page, kind: str, values: list[str]) -> list[str]:
    found: list[str] = page.evaluate("([kind, values]) => looks.barriers(kind, values)", [kind, values])
    return found


def _say(where: str, found: list[str]) -> list[str]:
    return [f"{where}: {each}" for each in found]
