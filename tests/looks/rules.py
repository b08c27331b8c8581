"""What holds for every page as it was sent: its weight, its policy, its frame. Each rule tells what is wrong, in words.

Sources: CSP Level 3; WCAG 2.2 2.4.2 (page titled), 3.1.1 (language of page).
"""

import re
from typing import Final

from playwright.sync_api import Page

from looks.load import Load

MOST_BYTES: Final = 60_000
RIGHT_TO_LEFT: Final = ("ar", "fa", "he", "ur")

_INLINE: Final = {
    "a style element": r"<style\b",
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=\s*[\"']",
    "an inline script": r"<script\b(?![^>]*\ssrc=)",
    "a javascript: address": r"(?:href|action|src)\s*=\s*[\"']\s*javascript:",
}
_LAX: Final = (
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "*",
    "http:",
    "https:",
    "data:",
    "blob:",
)


def is_light(_page: Page, load: Load) -> list[str]:
    """A page is under 60 kB."""
    return [] if load.weight < MOST_BYTES else [f"weighs {load.weight} bytes"]


def asks_nobody_else(page: Page, load: Load) -> list[str]:
    """Everything comes from where the page comes from."""
    own: str = page.evaluate("location.origin")
    return [f"asks {each}" for each in sorted(load.origins - {own})]


def has_a_strict_policy(_page: Page, load: Load) -> list[str]:
    """Nothing but what is named may load, and no name is a door."""
    directives = {name: sources for name, *sources in map(str.split, filter(None, load.policy.split(";")))}
    wrong = [f"{name} allows {each}" for name in directives for each in directives[name] if each in _LAX]
    wanted = {"default-src": ["'none'"], "base-uri": ["'none'"]}
    for name, sources in wanted.items():
        if directives.get(name) != sources:
            wrong.append(f"{name} is {' '.join(directives.get(name, ['missing']))}")
    return wrong + [
        f"{name} is missing" for name in ("frame-ancestors", "form-action") if name not in directives
    ]


def has_nothing_inline(_page: Page, load: Load) -> list[str]:
    """Style and script come from files only."""
    return [what for what, pattern in _INLINE.items() if re.search(pattern, load.source, re.IGNORECASE)]


def pleases_the_browser(_page: Page, load: Load) -> list[str]:
    """No error, no warning, no violated policy."""
    return list(load.complaints)


def names_itself(page: Page, _load: Load) -> list[str]:
    """One heading of the first level, and a title that says more than the site's name."""
    count = page.locator("h1").count()
    wrong = [] if count == 1 else [f"has {count} h1"]
    return wrong if page.title().split("·")[0].strip() else [*wrong, "has no title"]


def says_its_language(page: Page, _load: Load) -> list[str]:
    """`lang` is set, and `dir` agrees with it."""
    language = page.locator("html").get_attribute("lang") or ""
    direction = page.locator("html").get_attribute("dir") or "ltr"
    wanted = "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"
    return [] if language and direction == wanted else [f"lang is {language!r}, dir is {direction!r}"]


RULES: Final = (
    is_light,
    asks_nobody_else,
    has_a_strict_policy,
    has_nothing_inline,
    pleases_the_browser,
    names_itself,
    says_its_language,
)


def check_as_sent(page: Page, load: Load) -> list[str]:
    """What is wrong with the page that was just loaded."""
    return [f"{rule.__name__}: {wrong}" for rule in RULES for wrong in rule(page, load)]
