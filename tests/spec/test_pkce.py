"""PKCE: what challenge is taken, and which verifier belongs to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.errors import InvalidGrant, InvalidRequest
from assent.spec.pkce import challenge_of, check_challenge, verify

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

verifiers = st.text(alphabet="abcXYZ019-._~", min_size=43, max_size=128)


@pytest.mark.row("T2")
def test_the_specifications_example_is_verified() -> None:
    check_challenge("S256", CHALLENGE)
    verify(CHALLENGE, VERIFIER)


@pytest.mark.row("A10")
@pytest.mark.parametrize("method", [None, "plain", "s256", "S512", ""])
def test_every_method_but_s256_is_refused(method: str | None) -> None:
    with pytest.raises(InvalidRequest, match="S256"):
        check_challenge(method, CHALLENGE)


@pytest.mark.parametrize(
    "challenge", ["", "a" * 42, "a" * 129, CHALLENGE + "=", "a" * 42 + "+", "a" * 42 + "\n"]
)
def test_a_malformed_challenge_is_refused(challenge: str) -> None:
    with pytest.raises(InvalidRequest, match="code_challenge must"):
        check_challenge("S256", challenge)


def test_a_missing_challenge_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="code_challenge is missing"):
        check_challenge("S256", None)


@pytest.mark.row("T2")
def test_a_missing_verifier_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="code_verifier"):
        verify(CHALLENGE, None)


@pytest.mark.row("T2")
@pytest.mark.parametrize(
    "verifier", ["", CHALLENGE, VERIFIER + "A", VERIFIER[:-1], "é" * 43, "a" * 129, VERIFIER + "\n"]
)
def test_a_wrong_or_malformed_verifier_is_refused(verifier: str) -> None:
    with pytest.raises(InvalidGrant, match="code_verifier"):
        verify(CHALLENGE, verifier)


def test_a_challenge_never_verifies_itself_as_plain_would() -> None:
    with pytest.raises(InvalidGrant):
        verify(VERIFIER, VERIFIER)


def test_a_verifier_for_a_code_without_challenge_is_refused() -> None:
    verify(None, None)
    with pytest.raises(InvalidGrant, match="no code_challenge"):
        verify(None, VERIFIER)


@given(verifiers)
def test_the_challenge_of_any_verifier_is_taken_and_verified(verifier: str) -> None:
    check_challenge("S256", challenge_of(verifier))
    verify(challenge_of(verifier), verifier)


@given(verifiers, verifiers)
def test_another_verifier_is_refused(one: str, other: str) -> None:
    if one != other:
        with pytest.raises(InvalidGrant):
            verify(challenge_of(one), other)
