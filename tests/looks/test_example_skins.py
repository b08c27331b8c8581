"""Pages in each example skin: other colours, type and words, and no barrier more."""

from collections.abc import Iterator

import pytest

from assent.testing.serving import serving
from assent.web.skins.new import example_names
from looks.conftest import Window
from looks.keyboard import check_keyboard
from looks.rules import check_as_sent
from looks.screens import check_screens
from scripts.gallery import gallery_app

pytestmark = pytest.mark.browser

SAMPLES = ("login-wrong", "terms", "context-found", "approve-child", "revoke", "error-app")


@pytest.fixture(scope="module")
def gallery_url() -> Iterator[str]:
    """The sample pages of each skin, at `/<skin>/<language>/<sample>`."""
    with serving(gallery_app()) as url:
        yield url


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("skin", example_names())
def test_a_page_in_an_example_skin_has_no_barrier(
    window: Window, gallery_url: str, skin: str, sample: str, language: str
) -> None:
    window.open(f"{gallery_url}/{skin}/{language}/{sample}")
    found = check_as_sent(window.page, window.load)
    found += check_keyboard(window.page)
    found += check_screens(window.page)
    assert not found, "\n".join(found)
