"""The rules of client assertions on values; `tests/engine/client_auth` has them through the token endpoint."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.assertions import (
    PROFILES,
    BadAssertion,
    SigningHeader,
    check_claims,
    check_header,
    choose_key,
)

SMART = PROFILES["smart"]
NOW = 1_800_000_000
AUDIENCE = "https://auth.example/oauth/token"
GOOD: dict[str, Any] = {
    "iss": "app",
    "sub": "app",
    "aud": AUDIENCE,
    "exp": NOW + 300,
    "iat": NOW,
    "jti": "j",
}
EC_KEY = {"kty": "EC", "crv": "P-384", "kid": "one"}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(GOOD)), _json)
def test_claims_of_any_shape_are_accepted_or_refused_and_nothing_else(name: str, value: object) -> None:
    try:
        accepted = check_claims({**GOOD, name: value}, "app", AUDIENCE, now=NOW, leeway_seconds=60)
    except BadAssertion:
        return
    assert NOW < accepted.remember_until <= NOW + 300 + 60 + 60 + 1
    assert 0 < len(accepted.jti) <= 256


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku"]), _json))
def test_headers_of_any_shape_are_accepted_or_refused_and_nothing_else(header: dict[str, object]) -> None:
    try:
        accepted = check_header(header, SMART, None)
    except BadAssertion:
        return
    assert accepted.alg in SMART.algs
    assert "jku" not in header


@pytest.mark.row("K13", "K9")
def test_a_jti_is_remembered_past_exp_and_leeway() -> None:
    accepted = check_claims({**GOOD, "exp": NOW + 100.9}, "app", AUDIENCE, now=NOW, leeway_seconds=30)
    assert accepted.remember_until > NOW + 100.9 + 30


@pytest.mark.row("K6")
@pytest.mark.parametrize("typ", ["JWT", "jwt"])
def test_the_media_type_ignores_case(typ: str) -> None:
    assert check_header({"alg": "ES384", "kid": "one", "typ": typ}, SMART, None) == SigningHeader(
        "ES384", "one"
    )


@pytest.mark.row("K4", "K11")
@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ({**EC_KEY, "use": "enc"}, "not for signatures"),
        ({**EC_KEY, "alg": "ES256"}, "another alg"),
        ({**EC_KEY, "crv": "P-256"}, "needs a key on P-384"),
        ({**EC_KEY, "kty": "oct"}, "no key"),
        ({**EC_KEY, "kid": "two"}, "no key"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(key: dict[str, str], rule: str) -> None:
    with pytest.raises(BadAssertion, match=rule):
        choose_key([key], SigningHeader("ES384", "one"))


def test_the_one_key_that_fits_is_chosen() -> None:
    others = [{"kty": "RSA", "kid": "one"}, {**EC_KEY, "kid": "two"}, {}]
    assert choose_key([*others, EC_KEY], SigningHeader("ES384", "one")) == EC_KEY


def test_no_profile_takes_anothers_audience_and_all_its_algorithms() -> None:
    smart, fapi2 = PROFILES["smart"], PROFILES["fapi2"]
    assert smart.audience != fapi2.audience
    assert {"RS384", "ES384"} <= set(smart.algs)
    assert set(fapi2.algs) == {"PS256", "ES256"}
    assert "PS256" not in smart.algs
