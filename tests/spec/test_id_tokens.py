"""The rules of ID tokens and logout tokens, as tables; what hypothesis can make never breaks them in another way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.claims import at_hash
from assent.spec.foreign_tokens import BadForeignToken, read_foreign_token
from assent.spec.id_tokens import (
    LOGOUT_EVENT,
    Asked,
    BadIdToken,
    Expected,
    Kind,
    check_at_hash,
    check_header,
    check_id_token,
    choose_key,
    read_logout_token,
)
from assent.spec.jose import SIGNING_ALGS

NOW = 1_800_000_000
EXPECTED = Expected("https://id.example", "us", NOW, 30)
RIGHT: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "us",
    "sub": "s",
    "exp": NOW + 60,
    "iat": NOW,
    "nonce": "n",
}
RSA: dict[str, Any] = {"kty": "RSA", "kid": "1"}
EC: dict[str, Any] = {"kty": "EC", "crv": "P-256", "kid": "2"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [*RIGHT, "azp", "nbf", "auth_time", "at_hash", "events", "sid", "jti", "client_id", "scope"]
)


@given(st.dictionaries(names, json_values))
def test_whatever_is_claimed_the_rules_say_no_in_their_own_words(claims: dict[str, Any]) -> None:
    said = {**RIGHT, **claims}
    for check in (
        lambda: check_id_token(said, EXPECTED, Asked("n", NOW - 60)),
        lambda: check_at_hash(said, "RS256", "token"),
        lambda: read_logout_token(said, EXPECTED),
    ):
        try:
            check()
        except BadIdToken:
            continue
    try:
        token = read_foreign_token(said, EXPECTED.issuer, "us", now=NOW, leeway_seconds=30)
    except BadForeignToken:
        return
    assert token.issuer == EXPECTED.issuer


@given(st.dictionaries(names, json_values))
def test_no_claim_makes_another_party_right(claims: dict[str, Any]) -> None:
    """A token that passes is the issuer's, for us, and answers this very request."""
    said = {**RIGHT, **claims}
    try:
        check_id_token(said, EXPECTED, Asked("n"))
    except BadIdToken:
        return
    assert said["iss"] == EXPECTED.issuer
    assert said["aud"] == "us" or "us" in said["aud"]
    assert said["nonce"] == "n"
    assert said["exp"] > NOW - 30


@pytest.mark.parametrize("alg", ["none", "HS256", "EdDSA", "rs256", "", None, 7, ["RS256"]])
def test_no_other_algorithm_is_accepted(alg: Any) -> None:
    with pytest.raises(BadIdToken, match="header alg"):
        check_header({"alg": alg}, SIGNING_ALGS, "ID token")


@pytest.mark.parametrize(
    ("kind", "typ", "is_right"),
    [
        ("ID token", None, True),
        ("ID token", "jwt", True),
        ("ID token", "at+jwt", False),
        ("ID token", "logout+jwt", False),
        ("ID token", 7, False),
        ("logout token", "logout+jwt", True),
        ("logout token", "at+jwt", False),
        ("access token", "at+jwt", True),
        ("access token", "application/at+jwt", True),
        ("access token", "logout+jwt", False),
        ("access token", "secevent+jwt", False),
    ],
)
def test_no_kind_of_token_passes_for_another(kind: Kind, typ: Any, is_right: bool) -> None:
    header = {"alg": "RS256"} if typ is None else {"alg": "RS256", "typ": typ}
    if is_right:
        assert check_header(header, SIGNING_ALGS, kind) == "RS256"
    else:
        with pytest.raises(BadIdToken, match="header typ"):
            check_header(header, SIGNING_ALGS, kind)


@pytest.mark.parametrize(
    ("keys", "alg", "kid", "found"),
    [
        ([RSA, EC], "RS256", "1", RSA),
        ([RSA, EC], "ES256", None, EC),
        ([RSA, EC], "ES256", "1", None),
        ([RSA, EC], "ES384", "2", None),
        ([RSA, RSA], "RS256", "1", None),
        ([{**RSA, "use": "enc"}, {**RSA, "kid": "2"}], "RS256", None, {**RSA, "kid": "2"}),
        ([{**RSA, "alg": "PS256"}], "RS256", "1", None),
        ([], "RS256", None, None),
    ],
)
def test_the_one_key_is_found_or_none(
    keys: list[dict[str, Any]], alg: str, kid: str | None, found: dict[str, Any] | None
) -> None:
    if found is not None:
        assert choose_key(keys, alg, kid) == found
    else:
        with pytest.raises(BadIdToken):
            choose_key(keys, alg, kid)


@pytest.mark.parametrize("alg", ["RS256", "ES384", "PS512"])
def test_the_access_token_is_the_one_that_the_id_token_names(alg: str) -> None:
    check_at_hash({"at_hash": at_hash("token", alg)}, alg, "token")
    check_at_hash({}, alg, "token")
    with pytest.raises(BadIdToken, match="at_hash"):
        check_at_hash({"at_hash": at_hash("another", alg)}, alg, "token")


@pytest.mark.parametrize(
    ("auth_time", "since", "is_in"),
    [
        (NOW, None, True),
        (0, None, True),
        (None, None, True),
        (None, 0, False),
        (NOW - 31, NOW, False),
        (NOW - 30, NOW, True),
        (NOW + 31, None, False),
    ],
)
def test_when_the_person_signed_in(auth_time: int | None, since: int | None, is_in: bool) -> None:
    claims = RIGHT if auth_time is None else {**RIGHT, "auth_time": auth_time}
    if is_in:
        check_id_token(claims, EXPECTED, Asked("n", since))
    else:
        with pytest.raises(BadIdToken):
            check_id_token(claims, EXPECTED, Asked("n", since))


def test_a_logout_token_says_whom_and_how_long_it_is_remembered() -> None:
    claims = {"iss": EXPECTED.issuer, "aud": ["us"], "iat": NOW, "jti": "j", "sub": "s", "sid": "x"}
    notice = read_logout_token({**claims, "events": {LOGOUT_EVENT: {}}}, EXPECTED)
    assert (notice.subject, notice.session, notice.jti) == ("s", "x", "j")
    assert notice.remember_until == NOW + 600 + 30 + 1
