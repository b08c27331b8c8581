"""The skins that come with the product, in a real browser: nothing blocked, nothing too wide, readable."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from assent.testing.serving import serving
from assent.web.skins.new import example_names
from scripts.gallery import gallery_app

pytestmark = pytest.mark.browser
PAGES = ("login", "approve-child", "context-found", "revoke", "error-form")
COLOUR = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(gallery_app()) as url:
        yield url


@pytest.mark.parametrize("skin", example_names())
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_page_shows_whole_on_a_phone(
    browser: Browser, url: str, skin: str, colours: str, language: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    for name in PAGES:
        page.goto(f"{url}/{skin}/{language}/{name}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        assert page.evaluate("document.querySelector('header img, .bar img').naturalWidth") > 0
    assert complaints == []
    assert all(one.startswith(url) for one in asked)
    context.close()


@pytest.mark.parametrize("skin", ["default", *example_names()])
@pytest.mark.parametrize(("colours", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(0, 0, 0)")])
def test_high_contrast_is_the_same_in_every_skin(
    browser: Browser, url: str, skin: str, colours: str, ground: str
) -> None:
    context = browser.new_context(contrast="more", color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/{skin}/en/approve-child")
    assert page.evaluate(COLOUR, ["main", "backgroundColor"]) == ground
    text = page.evaluate(COLOUR, ["main", "color"])
    assert text == ("rgb(0, 0, 0)" if colours == "light" else "rgb(255, 255, 255)")
    context.close()


@pytest.mark.parametrize("skin", ["default", *example_names()])
def test_paper_is_white_has_no_buttons_and_says_where_links_go(browser: Browser, url: str, skin: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{url}/{skin}/en/approve-child")
    assert not any(button.is_visible() for button in page.query_selector_all("button"))
    assert page.evaluate(COLOUR, ["main", "backgroundColor"]) == "rgb(255, 255, 255)"
    assert page.evaluate(COLOUR, [".quiet", "color"]) == "rgb(51, 51, 51)"
    assert "Lab results" in page.inner_text("main")
    technical = page.query_selector(".technical")
    assert technical is not None
    assert technical.is_visible()
    after = page.evaluate("getComputedStyle(document.querySelector('a[href^=https]'), '::after').content")
    assert "https://" in after
    context.close()


def test_buttons_and_bands_keep_their_edges_in_forced_colours(browser: Browser, url: str) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{url}/little-oaks/en/approve-child")
    assert page.evaluate(COLOUR, ["#submit", "borderTopStyle"]) == "solid"
    assert page.evaluate(COLOUR, [".band", "borderInlineStartWidth"]) == "6px"
    context.close()
