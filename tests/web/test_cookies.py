"""Cookies: names, attributes, and what is not believed."""

import os

import pytest
from starlette.requests import Request
from starlette.responses import Response

from assent.web.cookies import Cookie, cookie_of, new_value

VALUE = "a" * 43


def request_with(*cookies: str) -> Request:
    headers = [(b"cookie", cookie.encode()) for cookie in cookies]
    return Request({"type": "http", "headers": headers})


def test_on_https_a_cookie_is_bound_to_its_host() -> None:
    cookie = cookie_of("session", "default", https=True)
    response = Response()
    cookie.set(response, VALUE)
    assert response.headers["set-cookie"] == (
        f"__Host-assent-session={VALUE}; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


def test_on_plain_loopback_it_has_neither_prefix_nor_secure() -> None:
    response = Response()
    cookie_of("session", "default", https=False).set(response, VALUE)
    assert response.headers["set-cookie"] == f"assent-session={VALUE}; Path=/; HttpOnly; SameSite=Lax"


def test_a_remembered_browser_keeps_its_cookie_when_it_is_closed() -> None:
    response = Response()
    cookie_of("remembered", "default", https=True).set(response, VALUE)
    assert response.headers["set-cookie"] == (
        f"__Host-assent-remembered={VALUE}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


def test_each_issuer_has_cookies_of_its_own() -> None:
    names = {
        cookie_of(purpose, issuer, https=True).name
        for purpose in ("session", "browser")
        for issuer in ("default", "sandbox", "a;b c")
    }
    assert len(names) == 6
    assert "__Host-assent-session-a%3Bb%20c" in names


def test_clearing_uses_the_attributes_that_it_was_set_with() -> None:
    response = Response()
    cookie_of("session", "default", https=True).clear(response)
    assert response.headers["set-cookie"] == (
        "__Host-assent-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


def test_the_value_is_read_among_others() -> None:
    request = request_with(f"other=1; assent-session={VALUE}", "more=2")
    assert Cookie("assent-session", secure=False).read(request) == VALUE


@pytest.mark.parametrize(
    "cookies",
    [
        (),
        ("assent-session=",),
        ("assent-session=short",),
        (f'assent-session="{VALUE}"',),
        (f"assent-session={VALUE}|x",),
        (f"assent-session={'a' * 200}",),
        (f"assent-session={VALUE}; assent-session={'b' * 43}",),
        (f"assent-session={VALUE}", f"assent-session={'b' * 43}"),
        (f"assent-session2={VALUE}",),
    ],
)
def test_a_missing_malformed_or_doubled_cookie_is_not_believed(cookies: tuple[str, ...]) -> None:
    assert Cookie("assent-session", secure=False).read(request_with(*cookies)) is None


def test_a_new_value_is_fresh_and_readable_again() -> None:
    value = new_value(os.urandom)
    assert value != new_value(os.urandom)
    assert Cookie("x", secure=False).read(request_with(f"x={value}")) == value
