"""Browsers in words: the ones people have, the imitators, and whatever else a header may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.web.browsers import say_browser
from assent.web.languages import read_messages

ENGLISH = read_messages("en")
KHTML = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS, ANDROID = KHTML.format("Windows NT 10.0; Win64; x64"), KHTML.format("Linux; Android 14; Pixel 8")
MAC, IPHONE = (
    KHTML.format("Macintosh; Intel Mac OS X 10_15_7"),
    KHTML.format("iPhone; CPU iPhone OS 17_5 like Mac OS X"),
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        (f"{MAC} Version/17.5 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (f"{ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            f"{ANDROID} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (f"{ANDROID} EdgA/126.0 Chrome/126.0 Mobile Safari/537.36", "Edge on Android"),
        ("Firefox/1", "Firefox"),
        ("something (Windows NT 10.0)", "Windows"),
        ("curl/8.5.0", "A browser that we do not know"),
        ("", "A browser that we do not know"),
        (None, "A browser that we do not know"),
    ],
)
def test_a_browser_is_called_by_the_name_that_people_know(agent: str | None, words: str) -> None:
    assert say_browser(agent, ENGLISH) == words


BROWSERS = ("Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari")
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "ChromeOS", "macOS", "Linux")


@given(st.text() | st.sampled_from(["CrOS", "Chrome/ CrOS", "Edg iPad <b>"]))
def test_nothing_of_the_header_is_said_but_names_that_we_know(agent: str) -> None:
    both = {f"{browser} on {system}" for browser in BROWSERS for system in SYSTEMS}
    assert say_browser(agent, ENGLISH) in {*BROWSERS, *SYSTEMS, *both, "A browser that we do not know"}
