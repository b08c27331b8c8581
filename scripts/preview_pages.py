"""Draw every page of the product with made-up data: HTML and pictures, to be looked at.

    .venv/bin/python -m scripts.preview_pages [FOLDER]     (default ./screenshots)

Serves the pages with the headers that they are served with, so that what the Content-Security-Policy forbids does not
show here either. Pictures: phone and desktop, light and dark, and one in high contrast in English; phone and desktop in
each other language.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assent.testing.serving import serving
from assent.web.cookies import cookie_of
from assent.web.headers import SecurityHeaders, allow_script
from assent.web.language_choice import LanguageChoice, prefer_locales
from assent.web.languages import BUILT_IN, ENGLISH, read_languages, read_messages
from assent.web.samples.pages import sample_pages
from assent.web.static import StaticFiles, read_static_files
from assent.web.templates import Templates

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "src" / "assent" / "pages" / "templates"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LOOKS = {
    "phone-light": {"viewport": {"width": 360, "height": 640}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 360, "height": 640}, "color_scheme": "dark"},
    "desktop-light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "desktop-dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone-contrast": {"viewport": {"width": 360, "height": 640}, "contrast": "more"},
}


def build_app() -> Starlette:
    """The pages at `/<language>/<name>`."""
    static = StaticFiles(read_static_files())
    templates = Templates([TEMPLATES], static.url)
    choice = LanguageChoice(read_languages(), cookie_of("language", "default", https=False))
    pages = {tag: sample_pages(messages) for tag, messages in choice.languages.by_tag.items()}

    async def show(request: Request) -> HTMLResponse:
        language = request.path_params["language"]
        template, context = pages[language][request.path_params["name"]]
        prefer_locales(request, language)
        shown = {"languages": choice.links(request), **context}
        if context.get("passkey_options"):
            allow_script(request)
        return HTMLResponse(templates.render(template, shown, choice.messages(request)))

    app = Starlette(
        routes=[Route("/static/{name}", static.respond), Route("/{language}/{name}", show)],
    )
    app.add_middleware(SecurityHeaders, random=os.urandom, https=False)
    return app


def draw(browser: Browser, url: str, folder: Path, names: list[str]) -> None:
    """One picture a page, look and language; says what the browser complained about."""
    for look, options in LOOKS.items():
        context = browser.new_context(**options)
        page = context.new_page()
        page.on("console", lambda message: print("browser:", message.text))
        for language in BUILT_IN if look.endswith("-light") else BUILT_IN[:1]:
            for name in names:
                page.goto(f"{url}/{language}/{name}")
                ending = "" if language == ENGLISH else f"-{language}"
                page.screenshot(path=folder / f"{name}-{look}{ending}.png", full_page=True)
                width = page.evaluate("document.documentElement.scrollWidth")
                if width > options["viewport"]["width"]:
                    print(f"{name} {look} {language}: wider than the screen ({width})")
        context.close()


def main() -> None:
    """Draw all pages into the folder that the command line names."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with serving(build_app()) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        draw(browser, url, folder, list(sample_pages(read_messages("en"))))
        browser.close()
    print(f"drawn into {folder}")


if __name__ == "__main__":
    main()
