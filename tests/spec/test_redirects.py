"""Redirect URIs: what may be registered, what matches, how parameters are added."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.redirects import (
    BadUri,
    add_parameters,
    check_redirect_uri_definition,
    check_web_uri_definition,
    is_native,
    is_registered,
    origin_of,
)


@pytest.mark.row("A1")
@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback",
        "https://app.example",
        "https://app.example:8443/a/b?x=1&y=%20",
        "https://xn--bcher-kva.example/",
        "https://192.0.2.1/",
        "https://[2001:db8::1]/cb",
        "http://localhost:8080/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:1234/",
        "com.example.app:/cb",
        "com.example.app://auth/cb",
    ],
)
def test_what_may_be_registered(uri: str) -> None:
    check_redirect_uri_definition(uri)


@pytest.mark.row("A1")
@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("", "characters"),
        ("https://app.example/" + "a" * 2000, "characters"),
        ("https://app.example/#", "fragment"),
        ("https://app.example/cb#x", "fragment"),
        ("https://*.app.example/", "wildcard"),
        ("https://app.example/*", "wildcard"),
        ("http://app.example/", "http is allowed"),
        ("http://localhost.app.example/", "http is allowed"),
        ("http://127.0.0.2/", "http is allowed"),
        ("https://user@app.example/", "user or password"),
        ("http://127.0.0.1:80@app.example/", "user or password"),
        ("com.example.app://a@b/", "user or password"),
        ("https:///cb", "host"),
        ("https://./cb", "host"),
        ("https:cb", "host"),
        ("https://app.example:99999/", "not a valid"),
        ("https://app.example:x/", "not a valid"),
        ("https://app.example:0/", "port"),
        ("https://[::1/", "not a valid"),
        ("https://app.example/../x", "dot segments"),
        ("/callback", "absolute"),
        ("app.example/callback", "absolute"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("vbscript:x", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("myapp://cb", "scheme"),
        ("https://app.example/a b", "characters"),
        ("https://app.example\\@evil.example/", "characters"),
        ("https://app.example/\n", "characters"),
        ("https://bücher.example/", "characters"),
        ("https://app.example/%zz", "characters"),
    ],
)
def test_what_may_not_be_registered(uri: str, rule: str) -> None:
    with pytest.raises(BadUri, match=rule):
        check_redirect_uri_definition(uri)


def test_other_addresses_are_web_addresses() -> None:
    check_web_uri_definition("https://app.example/launch?x=1")
    check_web_uri_definition("http://localhost:9200/demo/app/")
    for uri in ("com.example.app:/launch", "http://app.example/launch", "mailto:a@app.example"):
        with pytest.raises(BadUri):
            check_web_uri_definition(uri)


@given(st.text())
def test_any_text_may_be_registered_or_is_refused(text: str) -> None:
    for uri in (text, f"https://{text}", f"http://localhost{text}"):
        try:
            check_redirect_uri_definition(uri)
        except BadUri:
            continue
        assert is_registered(uri, [uri])
        origin_of(uri)
        is_native(uri)


@pytest.mark.row("A6")
@pytest.mark.parametrize(
    ("uri", "yes"),
    [
        ("https://app.example/cb", True),
        ("https://app.example/cb/", False),
        ("https://app.example/CB", False),
        ("https://APP.example/cb", False),
        ("https://app.example:443/cb", False),
        ("https://app.example/cb?x=1", False),
        ("https://app.example/c%62", False),
        ("https://app.example/cb#", False),
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:51004/cb", True),
        ("http://127.0.0.1:51004/cb?x", False),
        ("http://127.0.0.1:51004/other", False),
        ("http://127.0.0.1:51004", False),
        ("http://127.0.0.1:0/cb", False),
        ("http://127.0.0.1:65535/cb", True),
        ("http://127.0.0.1:65536/cb", False),
        ("http://127.0.0.1:70000/cb", False),
        ("http://127.0.0.1:051004/cb", False),
        ("http://127.0.0.1:00080/cb", False),
        ("http://127.0.0.1:\N{ARABIC-INDIC DIGIT FIVE}\N{ARABIC-INDIC DIGIT ONE}/cb", False),
        ("http://127.0.0.1:\N{FULLWIDTH DIGIT EIGHT}0/cb", False),
        ("http://127.0.0.1:/cb", False),
        ("http://127.0.0.1:80@evil.example/cb", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("https://127.0.0.1:51004/cb", False),
        ("http://127.0.0.1:51004/cb#", False),
        ("http://[::1]:4711/cb?a=b", True),
        ("http://[::1]/cb?a=b", True),
        ("http://[::2]:4711/cb?a=b", False),
        ("http://localhost:8080/cb", True),
        ("http://localhost:8081/cb", False),
        ("com.example.app:/cb", True),
        ("com.example.app:/cb2", False),
        ("", False),
    ],
)
def test_a_redirect_uri_is_compared_as_text_but_for_the_loopback_port(uri: str, yes: bool) -> None:
    registered = (
        "https://app.example/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:1000/cb?a=b",
        "http://localhost:8080/cb",
        "com.example.app:/cb",
    )
    assert is_registered(uri, registered) is yes


@pytest.mark.parametrize(
    ("uri", "native"),
    [
        ("https://app.example/cb", False),
        ("http://localhost:1/cb", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:2/cb", True),
        ("com.example.app:/cb", True),
    ],
)
def test_which_addresses_are_on_the_persons_own_device(uri: str, native: bool) -> None:
    assert is_native(uri) is native


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://App.example/cb?x", "https://app.example"),
        ("https://app.example:443/", "https://app.example"),
        ("https://app.example:8443/", "https://app.example:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:9200/", "http://[::1]:9200"),
        ("com.example.app://x/", None),
        ("https:x", None),
    ],
)
def test_origins(uri: str, origin: str | None) -> None:
    assert origin_of(uri) == origin


@pytest.mark.parametrize(
    ("uri", "added"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=x&state=a%20b%2Bc"),
        ("https://a.example", "https://a.example?code=x&state=a%20b%2Bc"),
        ("https://a.example/cb?", "https://a.example/cb?code=x&state=a%20b%2Bc"),
        ("https://a.example/cb?k=%41", "https://a.example/cb?k=%41&code=x&state=a%20b%2Bc"),
        ("https://a.example/cb?k&", "https://a.example/cb?k&code=x&state=a%20b%2Bc"),
        ("com.example.app:/cb", "com.example.app:/cb?code=x&state=a%20b%2Bc"),
    ],
)
def test_parameters_are_added_to_the_query_that_is_there(uri: str, added: str) -> None:
    assert add_parameters(uri, [("code", "x"), ("state", "a b+c")]) == added


def test_nothing_added_changes_nothing() -> None:
    assert add_parameters("https://a.example/cb", []) == "https://a.example/cb"


@pytest.mark.row("A11", "A14")
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=3000))
def test_any_state_comes_back_unchanged(state: str) -> None:
    uri = add_parameters("https://a.example/cb?k=v", [("code", "c"), ("state", state)])
    assert uri.isascii()
    assert parse_qsl(urlsplit(uri).query, keep_blank_values=True) == [
        ("k", "v"),
        ("code", "c"),
        ("state", state),
    ]
