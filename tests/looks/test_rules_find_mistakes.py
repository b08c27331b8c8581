"""The rules find what they are there to find: each page here has one mistake."""

import pytest
from playwright.sync_api import BrowserContext, Route

from looks.conftest import Window
from looks.keyboard import check_keyboard
from looks.load import Load
from looks.rules import check_as_sent
from looks.screens import check_screens

pytestmark = pytest.mark.browser

URL = "http://page.example/"
POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'self'"
SHEET = """
:root { color-scheme: light dark } body { color: CanvasText; background: Canvas; font-size: 1.2rem }
:focus-visible { outline: 3px solid } .thin { outline: none }
button { min-block-size: 2rem } .tiny { min-block-size: 0; padding: 0; font-size: 6px }
@media (prefers-color-scheme: dark) { .pale { color: #444; background: #000 } }
.wide { inline-size: 340px } .wider { inline-size: 15rem; background: Canvas } .bare { border: 0 }
.own { forced-color-adjust: none }
.trap { position: fixed; inset: 0; background: Canvas; color: CanvasText }
"""


def written(body: str, title: str = "A page", language: str = 'lang="en"') -> str:
    """A page without a mistake, but for those that it is given."""
    return (
        f'<!doctype html><html {language}><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="/sheet.css"></head><body><main><h1>A heading</h1>{body}</main></body></html>'
    )


def found_in(window: Window, html: str, policy: str = POLICY) -> list[str]:
    """What the rules say about this page."""

    def answer(route: Route) -> None:
        if route.request.url.endswith("sheet.css"):
            route.fulfill(body=SHEET, content_type="text/css")
        else:
            headers = {"Content-Security-Policy": policy}
            route.fulfill(body=html, content_type="text/html", headers=headers)

    window.page.route("**/*", answer)
    window.open(URL)
    found = check_as_sent(window.page, window.load)
    found += check_keyboard(window.page)
    found += check_screens(window.page)
    window.page.unroute_all()
    return found


@pytest.fixture
def window(context: BrowserContext) -> Window:
    """A page of its own for each mistake."""
    page = context.new_page()
    return Window(page, Load().over(page))


def test_a_page_without_a_mistake_is_let_through(window: Window) -> None:
    assert found_in(window, written("<p>Words.</p><button>One</button><button>Two</button>")) == []


MISTAKES = {
    "is_light: weighs": written(f"<p>{'word ' * 12_000}</p>"),
    "asks_nobody_else: asks http://elsewhere.example": written('<img src="http://elsewhere.example/a.png" alt="">'),
    "has_nothing_inline: a style attribute": written('<p style="color: red">Words.</p>'),
    "has_nothing_inline: an inline script": written("<script>alert(1)</script>"),
    "has_nothing_inline: an event attribute": written('<p onclick="go()">Words.</p>'),
    "pleases_the_browser:": written("<script>alert(1)</script>"),
    "names_itself: has 2 h1": written("<h1>Another</h1>"),
    "names_itself: has no title": written("", title=" · Site"),
    "says_its_language:": written("", language='lang="ar"'),
    "desktop: label:": written("<input>"),
    "phone: target-size:": written('<button class="tiny">a</button><button class="tiny">b</button>'),
    "phone, dark: color-contrast:": written('<p class="pale">Words.</p>'),
    "at 320 px:": written('<p class="wide">Words.</p>'),
    "with text twice as large:": written('<p class="wider">Words.</p>'),
    "no edge in forced colours:": written('<button class="bare">Yes</button>'),
    "own colours in forced colours:": written('<p class="own">Words.</p>'),
    "the focus is not marked on": written('<button>1</button><button class="thin">2</button>'),
    "the focus is out of sight on": written('<button>1</button><p class="trap">Words.</p>'),
    "Tab 2 stands at": written('<button>1</button><button tabindex="1">2</button>'),
    "the problem does not have the focus": written('<p id="problem"><a href="#name">What</a></p>'),
    "the problem leads nowhere: #name": written(
        '<div id="problem" tabindex="-1" autofocus><a href="#name">What</a></div>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_found(window: Window, words: str) -> None:
    found = found_in(window, MISTAKES[words])
    assert [each for each in found if each.startswith(words)], found


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("", "default-src is missing"),
        ("default-src 'self'; base-uri 'none'", "default-src is 'self'"),
        (f"{POLICY}; script-src 'unsafe-inline'", "script-src allows 'unsafe-inline'"),
        (f"{POLICY}; img-src https:", "img-src allows https:"),
        ("default-src 'none'; base-uri 'none'", "frame-ancestors is missing"),
    ],
)
def test_a_lax_policy_is_found(window: Window, policy: str, words: str) -> None:
    found = found_in(window, written("<p>Words.</p>"), policy)
    assert f"has_a_strict_policy: {words}" in found
