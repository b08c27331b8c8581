"""Which language a page is in: whose wish comes first, and the switch."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from assent.web.cookies import cookie_of
from assent.web.language_choice import LanguageChoice, prefer_locales
from assent.web.languages import BUILT_IN, read_languages
from assent.web.messages import locale_of
from assent.web.negotiation import negotiate, read_accept_language, read_ui_locales

CHOICE = LanguageChoice(read_languages(), cookie_of("language", "default", https=False))
TAGS = st.from_regex(r"[A-Za-z]{1,9}([-_][A-Za-z0-9]{1,9}){0,5}", fullmatch=True)


def asking(query: str = "", cookie: str = "", accept: str = "", method: str = "GET") -> Request:
    headers = [(b"accept-language", accept.encode())] if accept else []
    if cookie:
        headers.append((b"cookie", f"assent-language={cookie}".encode()))
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query.encode(),
        "headers": headers,
    }
    return Request(scope)


def kept(query: str) -> str:
    """The cookie that the switch sets on a page with this query."""
    request = asking(query)
    exchange = type("Exchange", (), {"extra": []})()
    request.scope["assent.exchange"] = exchange
    CHOICE.keep(request)
    found = re.match(r"assent-language=([^;]*);", exchange.extra[0][1].decode()) if exchange.extra else None
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("de", ("de",)),
        ("de-AT, de;q=0.9, en;q=0.5", ("de-AT", "de", "en")),
        ("en;q=0.5, de;q=0.9", ("de", "en")),
        ("en;q=0.5,fr;q=0.5", ("en", "fr")),
        ("fr;q=0, de", ("de",)),
        ("*, fr;q=0.1", ("fr",)),
        ("fr ; q = 0.7 , de;q=0.8", ("de", "fr")),
        ("de;q=2, fr;q=x, ;, =, es", ("es",)),
        ("", ()),
    ],
)
def test_accept_language_is_read_by_quality(header: str, languages: tuple[str, ...]) -> None:
    assert read_accept_language(header) == languages


@given(st.text(max_size=300))
def test_no_accept_language_is_too_strange(header: str) -> None:
    for tag in read_accept_language(header):
        assert re.fullmatch(r"[A-Za-z0-9-]+", tag)
    assert negotiate(read_accept_language(header), BUILT_IN) is None or header


@given(st.lists(st.tuples(TAGS, st.sampled_from(("", ";q=1", ";q=0.3", ";q=0"))), max_size=20))
def test_what_is_read_was_there_and_the_better_comes_first(wishes: list[tuple[str, str]]) -> None:
    found = read_accept_language(",".join(f"{tag}{quality}" for tag, quality in wishes))
    assert set(found) <= {tag for tag, quality in wishes if quality != ";q=0"}
    worse = {tag for tag, quality in wishes if quality == ";q=0.3"} - {
        tag for tag, quality in wishes if quality in ("", ";q=1")
    }
    order = [tag in worse for tag in found]
    assert order == sorted(order)


@given(st.lists(TAGS | st.sampled_from(("de-AT", "ar-EG", "es-419", "en-150", "fr-ZZ", "DE_at")), max_size=8))
def test_whatever_is_wished_the_answer_is_a_language_that_we_can_write(wishes: list[str]) -> None:
    found = negotiate(wishes, BUILT_IN)
    if found is not None:
        language, tag = found
        assert language in BUILT_IN
        assert tag.partition("-")[0] == language
        assert locale_of(tag).language == language


@pytest.mark.parametrize(
    ("wishes", "found"),
    [
        (("de-AT",), ("de", "de-AT")),
        (("DE-at",), ("de", "de-AT")),
        (("es-419",), ("es", "es-419")),
        (("zh-Hant-TW", "fr"), ("fr", "fr")),
        (("en-US",), ("en", "en-US")),
        (("xx", "x", "", "-", "de--AT"), None),
        (("pt-BR",), None),
    ],
)
def test_a_region_is_met_by_its_language(wishes: tuple[str, ...], found: tuple[str, str] | None) -> None:
    assert negotiate(wishes, BUILT_IN) == found


def test_a_region_that_has_texts_of_its_own_goes_before_its_language(tmp_path: Path) -> None:
    (tmp_path / "de-AT.properties").write_text("login.title=Servus", "utf-8")
    tags = read_languages(tmp_path).tags
    assert negotiate(["de-AT"], tags) == ("de-AT", "de-AT")
    assert negotiate(["de-CH"], tags) == ("de", "de-CH")


FLOW = "flow=abc"
OF_FLOW = kept(f"{FLOW}&language=es")
OF_OTHER = kept("flow=other&language=es")


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "locales", "language"),
    [
        ("", "", "", "", "en"),
        ("", "", "pt", "", "en"),
        ("", "", "de-DE,fr", "", "de-DE"),
        ("", "fr.", "de", "", "fr"),
        (FLOW, "fr.", "de", "es", "es"),
        (FLOW, "fr.", "de", "pt xx", "fr"),
        (FLOW, OF_FLOW, "de", "fr", "es"),
        (FLOW, OF_OTHER, "de", "fr", "fr"),
        (FLOW, OF_OTHER, "de", "", "es"),
        (f"{FLOW}&language=ar", OF_FLOW, "de", "fr", "ar"),
        (f"{FLOW}&language=xx", OF_FLOW, "de", "fr", "es"),
        ("ui_locales=fr+de", "", "es", "", "fr"),
        ("", "../../etc.", "de", "", "de"),
        ("", "pt.", "de", "", "de"),
    ],
)
def test_the_switch_goes_before_the_app_the_app_before_the_cookie_and_that_before_the_browser(
    query: str, cookie: str, accept: str, locales: str, language: str
) -> None:
    request = asking(query, cookie, accept)
    if locales:
        prefer_locales(request, locales)
    assert CHOICE.messages(request).language == language


def test_the_switch_keeps_what_the_address_says_and_marks_the_language_that_is_shown() -> None:
    links = CHOICE.links(asking("flow=a%26b&language=fr&x=1&x=2", accept="de"))
    assert [link.language for link in links] == list(BUILT_IN)
    assert [link.language for link in links if link.is_current] == ["fr"]
    assert links[-1].url == "?flow=a%26b&x=1&x=2&language=ar"
    assert [link.name for link in links] == ["English", "Español", "Français", "Deutsch", "العربية"]
    assert [link.direction for link in links] == ["ltr"] * 4 + ["rtl"]


def test_a_region_is_shown_as_its_language_in_the_switch() -> None:
    [current] = [link for link in CHOICE.links(asking(accept="de-AT")) if link.is_current]
    assert current.language == "de"


def test_what_cannot_be_sent_again_has_no_switch() -> None:
    assert CHOICE.links(asking(method="POST")) == ()
    assert CHOICE.links(asking(FLOW, method="POST"))


def test_only_a_language_that_we_have_is_kept() -> None:
    assert kept("language=fr") == "fr."
    assert re.fullmatch(r"fr\.[0-9a-f]{16}", kept("language=fr&flow=x"))
    assert kept("language=xx") == kept("language=") == kept("language=fr;%20a=b") == kept("") == ""


def test_the_wishes_of_an_app_are_a_list_in_order() -> None:
    assert read_ui_locales("fr-CA  fr en") == ("fr-CA", "fr", "en")
