"""A browser in words, from the User-Agent that it sent: `Firefox on Windows`.

Only names of a short list are ever said. The header is a stranger's text and is not shown.
Source: RFC 9110 10.1.5 (products in order of significance, each of which others imitate).
"""

from typing import Final

from assent.web.messages import Messages

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""What a header holds and the name that people know, the imitators before what they imitate."""


def say_browser(user_agent: str | None, messages: Messages) -> str:
    """The browser and what it runs on, as far as they are known."""
    browser = _first(_BROWSERS, user_agent or "")
    system = _first(_SYSTEMS, user_agent or "")
    if browser and system:
        return messages.text("account.browser_on", browser=browser, system=system)
    return browser or system or messages.text("account.browser_unknown")


def _first(names: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for part, name in names if part in text), None)
