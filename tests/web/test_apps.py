"""What pages show of an app, whatever the app says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.records.clients import Client
from assent.web.apps import app_view, shown_name, shown_reasons
from assent.web.languages import read_messages
from assent.web.origins import host_of

MESSAGES = read_messages("en")
CLIENT = Client("heart", "Heart Diary")


def client(**fields: object) -> Client:
    return Client(**{"client_id": "heart", "client_name": "Heart Diary", **fields})  # type: ignore[arg-type]


def test_names_are_cleaned_and_the_client_id_stands_in_for_none() -> None:
    shown = app_view(
        client(client_name=" He\u202eart\u200b  Diary\n", publisher="\u2066Cordia\u0000 Ltd"), MESSAGES
    )
    assert (shown.name, shown.publisher) == ("Heart Diary", "Cordia Ltd")
    for empty in ("", " \u200b\u3164 ", "\u202e"):
        shown = app_view(client(client_name=empty, publisher=empty), MESSAGES)
        assert (shown.name, shown.publisher) == ("heart", None)
    assert len(shown_name(client(client_name="x" * 200))) == 80


def test_reasons_are_cleaned_longer_than_names_and_left_out_when_nothing_is_left() -> None:
    reasons = {"openid": "to\u202e greet \x07 you", "fhirUser": "\u200b", "patient/Patient.r": "x" * 300}
    shown = shown_reasons(client(scope_reasons=reasons))
    assert shown["openid"] == "to greet you"
    assert "fhirUser" not in shown
    assert len(shown["patient/Patient.r"]) == 200
    assert shown_reasons(CLIENT) == {}


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://heart.example/privacy?a=b#c", "heart.example"),
        ("https://heart.example", "heart.example"),
        ("https://HEART.example:8443/", "heart.example:8443"),
        ("https://heart.example:443/", "heart.example"),
        ("https://пример.example/", "xn--e1afmkfd.example"),
    ],
)
def test_a_link_is_https_and_says_whose_host_it_leads_to(uri: str, host: str) -> None:
    shown = app_view(client(policy_uri=uri, tos_uri=uri, client_uri=uri), MESSAGES)
    assert (shown.policy_url, shown.terms_url, shown.site_url) == (uri, uri, uri)
    assert (shown.policy_host, shown.terms_host, shown.site_host) == (host, host, host)


@pytest.mark.parametrize(
    "uri",
    [
        "http://heart.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "HTTPS:heart.example",
        "https:///heart.example",
        "https://clinic.example@evil.example/",
        "https://clinic.example:443@evil.example/",
        "https://evil.example\\@clinic.example/",
        "https://evil.example\\.clinic.example/",
        "https://clinic .example/",
        "https://clinic.example\n/",
        "https://clinic.example:port/",
        "https://[::1",
        "https://",
        "//clinic.example/",
        "",
    ],
)
def test_any_other_link_is_not_shown(uri: str) -> None:
    shown = app_view(client(policy_uri=uri, tos_uri=uri, client_uri=uri), MESSAGES)
    assert (shown.policy_url, shown.terms_url, shown.site_url) == (None, None, None)
    assert (shown.policy_host, shown.terms_host, shown.site_host) == (None, None, None)


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://app.example/done", "app.example"),
        ("https://clinic.example@evil.example/", "evil.example"),
        ("https://аpple.example/", "xn--pple-43d.example"),
        ("http://localhost:3000/done", "localhost:3000"),
        ("http://[::1]:3000/done", "[::1]:3000"),
        ("org.example.app:/done", None),
        ("org.example.app://clinic.example/done", None),
        ("not a uri", None),
    ],
)
def test_the_host_that_one_is_sent_to_is_named_in_ascii_and_without_what_misleads(
    uri: str, host: str | None
) -> None:
    assert host_of(uri) == host
    assert app_view(CLIENT, MESSAGES, uri).host == host


@given(st.text())
def test_the_host_of_anything_is_ascii_or_nothing(uri: str) -> None:
    for text in (uri, f"https://{uri}"):
        host = host_of(text)
        assert host is None or (host.isascii() and host.isprintable() and not set(host) & set(" @/\\<>\"'"))


@pytest.mark.parametrize(
    ("name", "mark"),
    [("Heart", "H"), ("heart", "H"), ("24 hours", "2"), ("«élan»", "É"), ("سجل", "س"), ("☃", "•")],
)
def test_where_there_is_no_logo_a_letter_stands(name: str, mark: str) -> None:
    assert app_view(client(client_name=name), MESSAGES).mark == mark


def test_an_unreviewed_app_has_no_date_of_review() -> None:
    assert app_view(CLIENT, MESSAGES).reviewed is None
    assert app_view(client(reviewed_at=1_800_000_000), MESSAGES).reviewed is not None
