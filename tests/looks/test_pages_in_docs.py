"""`docs/pages.md` shows every page, and each of its pictures is there, small, and shown."""

from looks import at_the_clinic
from looks.addresses import PAGES
from scripts.pages_in_docs import FOLDER, MOST_BYTES, SHOWN
from scripts.pages_to_show import JOURNEYS

NAMED = {file for page in SHOWN.values() for file in page.pictures().values()}


def test_every_page_is_shown() -> None:
    assert set(PAGES.values()) - SHOWN.keys() == set()
    assert SHOWN.keys() - JOURNEYS.keys() - at_the_clinic.JOURNEYS.keys() == set()


def test_each_picture_is_there_and_none_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == NAMED


def test_each_picture_is_a_small_one() -> None:
    large = {file.name: file.stat().st_size for file in FOLDER.iterdir() if file.stat().st_size > MOST_BYTES}
    assert large == {}
