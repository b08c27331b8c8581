"""A form counts only from our own page in its own browser."""

import os

import pytest
from starlette.requests import Request
from starlette.responses import Response

from assent.web.cookies import cookie_of
from assent.web.csrf import FIELD, Browser, FormGuard
from assent.web.errors import PageRefused
from assent.web.forms import Form

ORIGIN = "https://auth.example"
GUARD = FormGuard(b"k" * 32, cookie_of("browser", "default", https=True), frozenset({ORIGIN}))
BROWSER = Browser("b" * 43, is_new=False)
OTHER = Browser("c" * 43, is_new=False)


def posted(cookie: str | None = BROWSER.id, **headers: str) -> Request:
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    if cookie is not None:
        pairs["cookie"] = f"{GUARD.cookie.name}={cookie}"
    return Request({"type": "http", "headers": [(k.encode(), v.encode()) for k, v in pairs.items()]})


def form_of(browser: Browser = BROWSER, purpose: str = "login") -> Form:
    return Form(((FIELD, GUARD.token(browser, purpose)),))


def test_our_own_form_in_its_own_browser_is_taken() -> None:
    assert GUARD.check_form(posted(origin=ORIGIN), form_of(), "login") == BROWSER


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://auth.example"},
        {"origin": "https://auth.example:8443"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"referer": "https://evil.example/auth.example"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-origin", "referer": f"{ORIGIN}/login"},
    ],
)
def test_a_form_from_another_origin_is_refused_even_with_a_good_token(headers: dict[str, str]) -> None:
    with pytest.raises(PageRefused) as refused:
        GUARD.check_form(posted(**headers), form_of(), "login")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "headers", [{}, {"sec_fetch_site": "same-origin"}, {"referer": f"{ORIGIN}/login?x=1"}]
)
def test_without_origin_the_next_best_header_decides(headers: dict[str, str]) -> None:
    assert GUARD.check_form(posted(**headers), form_of(), "login") == BROWSER


@pytest.mark.parametrize(
    ("cookie", "form"),
    [
        (None, form_of()),
        (OTHER.id, form_of()),
        (BROWSER.id, form_of(OTHER)),
        (BROWSER.id, form_of(purpose="approve")),
        (BROWSER.id, Form(())),
        (BROWSER.id, Form(((FIELD, ""),))),
        (BROWSER.id, Form(((FIELD, "é"),))),
    ],
    ids=["no cookie", "other cookie", "other browser's token", "other form's token", "none", "empty", "é"],
)
def test_cookie_and_token_must_belong_together(cookie: str | None, form: Form) -> None:
    with pytest.raises(PageRefused) as refused:
        GUARD.check_form(posted(cookie, origin=ORIGIN), form, "login")
    assert refused.value.status == 403


def test_another_key_makes_other_tokens() -> None:
    other = FormGuard(b"x" * 32, GUARD.cookie, GUARD.origins)
    assert other.token(BROWSER, "login") != GUARD.token(BROWSER, "login")


def test_a_browser_is_known_again_by_its_cookie() -> None:
    new = GUARD.browser_of(posted(None), os.urandom)
    assert new.is_new
    response = Response()
    GUARD.remember(response, new)
    assert f"={new.id};" in response.headers["set-cookie"]
    known = GUARD.browser_of(posted(new.id), os.urandom)
    assert known == Browser(new.id, is_new=False)
    response = Response()
    GUARD.remember(response, known)
    assert "set-cookie" not in response.headers


def test_neither_key_nor_browser_shows_in_a_repr() -> None:
    assert "kkk" not in repr(GUARD)
    assert BROWSER.id not in repr(BROWSER)
