"""Style sheets: how they are served, and that what they draw can be read."""

import re

import pytest
from starlette.routing import Route

from assent.web.skins.sheets import LOOKS, contrast, palette
from assent.web.static import StaticFiles, read_static_files
from web.surfaces import Client, around

FILES = read_static_files()
TEXT_ON = {
    "--color-text": ("--color-ground", "--color-sheet", "--color-band", "--color-rule"),
    "--color-quiet": ("--color-ground", "--color-sheet"),
    "--color-accent": ("--color-sheet",),
    "--color-caution": ("--color-sheet", "--color-caution-ground"),
    "--color-wrong": ("--color-sheet", "--color-wrong-ground"),
}


@pytest.fixture(scope="module")
def client() -> Client:
    return around(Route("/static/{name}", StaticFiles(FILES).respond))


def test_a_file_is_kept_for_ever_under_the_name_of_its_content(client: Client) -> None:
    answer = client.get(StaticFiles(FILES).url("assent.css"))
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == FILES["assent.css"].content


def test_a_file_of_another_version_is_asked_for_again(client: Client) -> None:
    assert client.get("/static/assent.css?v=old").headers["cache-control"] == "no-cache"
    etag = client.get("/static/assent.css").headers["etag"]
    assert client.get("/static/assent.css", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "name", ["nothing.css", "..%2fen.properties", "%2e%2e%2f__init__.py", "assent.css%00"]
)
def test_nothing_else_is_found(client: Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_nothing_comes_from_elsewhere() -> None:
    for name, file in FILES.items():
        assert not re.search(rb"@import|url\(|(?<!xmlns=\")https?://", file.content), name


OURS = tuple(FILES[name].content.decode() for name in ("tokens.css", "contrast.css"))


@pytest.mark.parametrize("look", LOOKS)
def test_text_and_lines_stand_out_from_their_ground(look: str) -> None:
    colours = palette(OURS, LOOKS[look])
    for text, grounds in TEXT_ON.items():
        for ground in grounds:
            if look.startswith("high") and ground == "--color-rule":
                continue  # pressed buttons: the rule is the text's own colour there, for a moment
            assert contrast(colours[text], colours[ground]) >= 7, (text, ground)
    for ground in ("--color-ground", "--color-sheet"):
        assert contrast(colours["--color-line"], colours[ground]) >= 3, ground


def test_a_reader_who_asks_for_contrast_gets_every_colour_anew() -> None:
    tokens = set(palette(OURS[:1], LOOKS["light"]))
    for look in ("high contrast", "high contrast, dark"):
        again = palette(OURS[1:], LOOKS[look])
        assert set(again) == {name for name in tokens if name.startswith("--color-")}
