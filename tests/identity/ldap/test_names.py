"""Which names and passwords a directory is asked about, and when two DNs are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity.ldap.names import is_below, is_dn, is_password, is_username, same_dn

BASE = "ou=groups,dc=clinic,dc=example"


@pytest.mark.parametrize(
    "other",
    [
        "CN=Doctors,OU=groups,DC=clinic",
        "cn = doctors , ou=groups, dc=clinic",
        "cn=\\64octors,ou=groups,dc=clinic",
        "cn=do\\63tors,ou=groups,dc=clinic",
    ],
)
def test_spellings_of_a_dn_are_one(other: str) -> None:
    assert same_dn(other) == same_dn("cn=doctors,ou=groups,dc=clinic")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=a\\,ou=b,dc=c", "cn=a,ou=b,dc=c"),
        ("cn=a\\2cou=b,dc=c", "cn=a,ou=b,dc=c"),
        ("cn=a\\+b=c,dc=d", "cn=a+b=c,dc=d"),
        ("cn=ab,dc=c", "cn=a b,dc=c"),
        ("cn=a,dc=b,dc=c", "cn=a,dc=c,dc=b"),
        ("cn=ä,dc=c", "cn=a,dc=c"),
    ],
)
def test_dns_that_differ_stay_apart(one: str, other: str) -> None:
    assert same_dn(one) != same_dn(other)


def test_the_order_of_a_names_parts_makes_no_difference() -> None:
    assert same_dn("cn=a+uid=b,dc=c") == same_dn("UID=b + CN=a,dc=c")


@given(st.text())
def test_a_dn_that_was_brought_to_one_spelling_keeps_it(text: str) -> None:
    assert same_dn(same_dn(text)) == same_dn(text)


def test_what_ends_like_a_base_is_not_below_it() -> None:
    assert is_below(f"cn=a,{BASE}", BASE)
    assert is_below(BASE.upper(), BASE)
    assert not is_below("cn=a,xou=groups,dc=clinic,dc=example", BASE)
    assert not is_below(f"cn=a\\,{BASE}", BASE)


@pytest.mark.parametrize(
    ("text", "expected"), [("dc=c", True), ("", False), ("doctors", False), ("=x", False), ("cn=a,", False)]
)
def test_what_is_a_dn(text: str, expected: bool) -> None:
    assert is_dn(text) is expected


@pytest.mark.parametrize("username", ["maria", "O'Neill", "müller", "a b", "病院", "*", "x" * 200])
def test_names_that_are_asked_about(username: str) -> None:
    assert is_username(username)


@pytest.mark.parametrize(
    "username", ["", "a\0", "a\u00adb", "a\u200bb", "a\u00a0b", "a\ufe0fb", "\u034fa", "x" * 201]
)
def test_names_that_are_not(username: str) -> None:
    assert not is_username(username)


def test_passwords_that_are_tried() -> None:
    assert is_password(" ")
    assert is_password("🔑" * 1000)
    for password in ("", "\0", "a\0", "x" * 1025, "\ud800"):
        assert not is_password(password)
