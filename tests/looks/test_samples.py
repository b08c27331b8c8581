"""Every sample page, in each language, as it is sent and as it is seen."""

from typing import Final

import pytest

from assent.web.languages import BUILT_IN, read_messages
from assent.web.samples.pages import sample_pages
from looks.conftest import Window
from looks.keyboard import check_keyboard
from looks.rules import check_as_sent
from looks.screens import check_other_words, check_screens

pytestmark = pytest.mark.browser

SAMPLES = list(sample_pages(read_messages("en")))
LOOKED_AT_WHOLE: Final = ("en", "ar")
"""One that is read from left to right, and one from right to left."""


@pytest.mark.parametrize("language", LOOKED_AT_WHOLE)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_has_no_barrier(window: Window, samples_url: str, sample: str, language: str) -> None:
    window.open(f"{samples_url}/{language}/{sample}")
    found = check_as_sent(window.page, window.load)
    found += check_keyboard(window.page)
    found += check_screens(window.page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", [each for each in BUILT_IN if each not in LOOKED_AT_WHOLE])
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_has_no_barrier_in_other_words(
    window: Window, samples_url: str, sample: str, language: str
) -> None:
    window.open(f"{samples_url}/{language}/{sample}")
    found = check_as_sent(window.page, window.load)
    found += check_other_words(window.page)
    assert not found, "\n".join(found)
