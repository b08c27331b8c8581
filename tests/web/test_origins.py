"""Origins as browsers write them, and sources as CSP takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.web.origins import form_source_of, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://app.example/done?x=1", "https://app.example"),
        ("https://APP.example:443/", "https://app.example"),
        ("http://localhost:8080/cb", "http://localhost:8080"),
        ("http://[::1]:3000/cb", "http://[::1]:3000"),
        ("https://bücher.example/cb", "https://xn--bcher-kva.example"),
        ("capacitor://localhost/cb", "capacitor://localhost"),
        ("null", None),
        ("", None),
        ("https:///nothing", None),
        ("https://app.example:port/", None),
        ("https://a;script-src.example/", None),
        ("org.example.app:/done", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://app.example/done", "https://app.example"),
        ("org.example.app:/done", "org.example.app:"),
        ("myapp://callback", "myapp:"),
        ("http://[::1]:3000/cb", "http:"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("/relative", None),
        ("https://", None),
    ],
)
def test_a_form_source_is_an_origin_or_a_scheme(url: str, source: str | None) -> None:
    assert form_source_of(url) == source


@given(st.text())
def test_no_url_brings_header_syntax_into_a_source(url: str) -> None:
    for found in (origin_of(url), form_source_of(url)):
        assert found is None or not set(found) & set(" ;,'\"\r\n\t")
