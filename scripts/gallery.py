"""Pictures of the skins that come with the product, for `docs/gallery.md`.

    python -m scripts.gallery     (`make gallery`)

Draws the pages with made-up content, served with the headers that they are served with, and writes small pictures into
`docs/images/skins/`: a page in light, one in dark, one in Arabic, for each skin.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assent.app.observation import configure_logs
from assent.testing.serving import serving
from assent.web.cookies import cookie_of
from assent.web.headers import SecurityHeaders
from assent.web.language_choice import LanguageChoice, prefer_locales
from assent.web.languages import read_languages
from assent.web.samples.pages import sample_pages
from assent.web.skins.looks import Look, Wardrobe
from assent.web.skins.new import example_names, example_skin
from assent.web.skins.skin import Skin, read_skin
from assent.web.static import StaticFiles, read_static_files
from scripts.screenshots import OPTIONS, chromium
from scripts.small_png import small_png

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "skins"
MOST_BYTES = 150_000
DEFAULT = "default"
PHONE = {"width": 400, "height": 780}
SHOWN = {
    "light": ("en/approve-child", "light"),
    "dark": ("en/login", "dark"),
    "arabic": ("ar/revoke", "light"),
}
"""What is shown of each skin: the page and the colours."""


def skins() -> dict[str, tuple[Skin, ...]]:
    """What is worn, by name: nothing, and each example."""
    return {DEFAULT: (), **{name: (read_skin(example_skin(name)),) for name in example_names()}}


def gallery_app() -> Starlette:
    """The sample pages of each skin at `/<skin>/<language>/<sample>`."""
    ours = StaticFiles(read_static_files(), "/static")
    wardrobe = Wardrobe(ours, "/static", configure_logs("auto", "info"))
    cookie = cookie_of("language", "default", https=False)
    worn = skins()
    looks = {
        name: Look(
            wardrobe.templates(one),
            LanguageChoice(read_languages(*(skin.messages_folder for skin in one)), cookie),
        )
        for name, one in worn.items()
    }

    async def show(request: Request) -> HTMLResponse:
        look, language = looks[request.path_params["skin"]], request.path_params["language"]
        prefer_locales(request, language)
        messages = look.language.messages(request)
        template, content = sample_pages(messages)[request.path_params["sample"]]
        shown = {"languages": look.language.links(request), **content}
        return HTMLResponse(look.templates.render(template, shown, messages))

    files = [
        Route(f"/static/{skin.name}/{{name:path}}", StaticFiles(skin.files).respond)
        for one in worn.values()
        for skin in one
    ]
    pages = Route("/{skin}/{language}/{sample}", show)
    app = Starlette(routes=[Route("/static/{name}", ours.respond), *files, pages])
    app.add_middleware(SecurityHeaders, random=os.urandom, https=False)
    return app


def main() -> int:
    """Draw all pictures; 1 when one is too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    large = []
    with serving(gallery_app()) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        for skin in skins():
            for picture, (page, colours) in SHOWN.items():
                context = browser.new_context(viewport=PHONE, color_scheme=colours)  # type: ignore[arg-type]
                tab = context.new_page()
                tab.goto(f"{url}/{skin}/{page}")
                file = FOLDER / f"{skin}-{picture}.png"
                file.write_bytes(small_png(browser, tab.screenshot(animations="disabled")))
                large += [file] if file.stat().st_size > MOST_BYTES else []
                context.close()
        browser.close()
    for file in large:
        print(f"{file} has more than {MOST_BYTES} bytes", file=sys.stderr)
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
