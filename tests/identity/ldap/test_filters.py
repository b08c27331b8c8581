"""A value that is put into a filter stays a value, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sansldap import FilterAnd, FilterEquality, FilterOr

from assent.identity.ldap.filters import BadFilter, FilterTemplate

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_a_value_is_neither_parsed_nor_changed(username: str) -> None:
    template = FilterTemplate(
        "(&(objectClass=person)(|(uid={username})(mail={username}@clinic.example)))", ["username"]
    )
    assert template.filled({"username": username}) == FilterAnd(
        filters=[
            FilterEquality("objectClass", b"person"),
            FilterOr(
                filters=[
                    FilterEquality("uid", username.encode()),
                    FilterEquality("mail", username.encode() + b"@clinic.example"),
                ]
            ),
        ]
    )


def test_a_value_that_looks_like_a_place_is_not_filled_in_again() -> None:
    template = FilterTemplate("(cn={username}-{dn})", ["dn"])
    assert template.filled({"username": "{dn}", "dn": "{username}"}) == FilterEquality(
        "cn", b"{dn}-{username}"
    )


@pytest.mark.parametrize("text", ["", "(uid={username}", "(uid={user})", "({username}=x)", "(&)", "(uid=x)"])
def test_a_filter_without_its_place_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        FilterTemplate(text, ["username"])
