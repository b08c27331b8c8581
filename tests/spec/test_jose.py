"""Signing and verifying: the caller names the algorithm, and nothing in a token can change it."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec import jose
from assent.spec.jose import BadKey, BadToken, read_unverified, sign, verify

RSA = jose.new_private_jwk("RS256", "rsa")
EC = jose.new_private_jwk("ES256", "ec")
EC384 = jose.new_private_jwk("ES384", "ec384")
CLAIMS = {"sub": "amy", "n": 1}


def private(jwk: dict[str, Any]) -> jose.Key:
    return jose.read_private_key(jwk)


def public(jwk: dict[str, Any]) -> jose.Key:
    return jose.read_public_key(jose.public_part(jwk))


def segment(value: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", jose.SIGNING_ALGS)
def test_what_was_signed_verifies_with_the_same_key_and_algorithm(alg: str) -> None:
    jwk = jose.new_private_jwk(alg, "k")
    token = sign(private(jwk), alg, "k", "JWT", CLAIMS)
    assert read_unverified(token).header == {"alg": alg, "typ": "JWT", "kid": "k"}
    assert verify(read_unverified(token), public(jwk), (alg,)) == CLAIMS


@pytest.mark.row("K8")
def test_an_algorithm_that_was_not_named_is_refused_though_the_signature_is_right() -> None:
    token = sign(private(RSA), "RS384", "rsa", "JWT", CLAIMS)
    with pytest.raises(BadToken, match="alg is not allowed"):
        verify(read_unverified(token), public(RSA), ("RS256",))


@pytest.mark.row("K8")
@pytest.mark.parametrize("alg", ["none", "HS256", None, 7, ["RS256"]])
def test_a_token_cannot_choose_another_algorithm(alg: object) -> None:
    _, claims, signature = sign(private(RSA), "RS256", "rsa", "JWT", CLAIMS).split(".")
    forged = f"{segment({'alg': alg, 'typ': 'JWT', 'kid': 'rsa'})}.{claims}.{signature}"
    with pytest.raises(BadToken):
        verify(read_unverified(forged), public(RSA), ("RS256",))


@pytest.mark.parametrize(("key", "alg"), [(EC, "RS256"), (RSA, "ES256"), (EC384, "ES256")])
def test_a_key_of_another_kind_verifies_nothing(key: dict[str, Any], alg: str) -> None:
    signer = {"RS256": RSA, "ES256": EC}[alg]
    token = sign(private(signer), alg, "k", "JWT", CLAIMS)
    with pytest.raises(BadToken):
        verify(read_unverified(token), public(key), (alg,))


def test_changed_claims_are_refused() -> None:
    head, _, signature = sign(private(RSA), "RS256", "rsa", "JWT", CLAIMS).split(".")
    forged = f"{head}.{segment({'sub': 'admin'})}.{signature}"
    with pytest.raises(BadToken, match="signature"):
        verify(read_unverified(forged), public(RSA), ("RS256",))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "é.é.é",
        f"{segment({'alg': 'RS256'})}.{segment([1])}.x",
        f"{segment([])}.{segment({})}.x",
        f"{segment({'alg': 'RS256'})}.!!!.x",
        "a" * (jose.MAX_TOKEN_BYTES + 1),
        f"{segment({'alg': 'RS256', 'crit': ['x']})}.{segment({})}.x",
        f"{segment({'alg': 'RS256'})}.{urlsafe_b64encode(b'[' * 9000).decode()}.x",
    ],
)
def test_what_is_no_signed_object_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        read_unverified(token)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda b: urlsafe_b64encode(b).decode() + ".e30.x"))
def test_any_text_is_read_or_refused_and_nothing_else(token: str) -> None:
    try:
        read_unverified(token)
    except BadToken:
        return


@pytest.mark.row("K4")
@pytest.mark.parametrize(
    ("jwk", "rule"),
    [
        (RSA, "is private"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "is private"),
        ({"kty": "oct"}, "no symmetric keys"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "must be RSA or EC"),
        ({}, "must be RSA or EC"),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "bits|valid"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "not a valid EC key"),
        ({"kty": "EC", "crv": "P-256"}, "not a valid EC key"),
        ({"kty": ["EC"]}, "must be RSA or EC"),
    ],
)
def test_a_key_that_is_private_symmetric_weak_or_broken_is_refused(jwk: dict[str, Any], rule: str) -> None:
    with pytest.raises(BadKey, match=rule):
        jose.read_public_key(jwk)


def test_unknown_members_of_a_key_are_ignored() -> None:
    assert public({**EC, "x5t": "x", "ext": True, "key_ops": ["verify"]})


@pytest.mark.parametrize(
    "jwk", [RSA, EC, {name: RSA[name] for name in ("kty", "n", "e", "d")}, jose.new_private_jwk("PS512", "k")]
)
def test_a_kept_key_signs_as_the_one_that_was_kept(jwk: dict[str, Any]) -> None:
    alg = jwk.get("alg", "RS256")
    kept = jose.read_kept_key(jwk)
    assert kept.as_dict(private=True).items() >= private(jwk).as_dict(private=True).items()
    assert verify(read_unverified(sign(kept, alg, "k", "JWT", CLAIMS)), public(jwk), (alg,)) == CLAIMS


@pytest.mark.parametrize(
    "jwk", [jose.public_part(RSA), jose.public_part(EC), {"kty": "oct", "k": "AA", "d": "AA"}]
)
def test_what_could_not_have_been_kept_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(BadKey):
        jose.read_kept_key(jwk)


def test_the_public_part_has_no_private_member() -> None:
    for jwk in (RSA, EC):
        assert not jose.PRIVATE_MEMBERS & jose.public_part(jwk).keys()


def test_equal_keys_have_equal_fingerprints_and_others_do_not() -> None:
    ec = jose.public_part(EC)
    assert jose.fingerprint(ec) == jose.fingerprint(dict(reversed(ec.items())))
    assert jose.fingerprint(ec) != jose.fingerprint({**ec, "kid": "other"})
    assert jose.fingerprint(ec) != jose.fingerprint(jose.public_part(EC384))


# --- Ed25519, which other issuers sign with (RFC 8037, RFC 9864) ------------------------------------------------------

# RFC 8037 A.1, A.4: the key and the signature of the example
_OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def test_the_signature_of_rfc_8037_holds_and_another_does_not() -> None:
    head, payload = "eyJhbGciOiJFZERTQSJ9", "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    right = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    key = jose.read_verifying_key(_OKP)
    read = jose.Unverified(f"{head}.{payload}.{right}", {"alg": "EdDSA"}, {})
    assert verify(read, key, ("EdDSA",)) == {}
    for token in (f"{head}.{payload}x.{right}", f"{head}.{payload}.h{right[:-1]}", f"{head}.{payload}."):
        with pytest.raises(BadToken, match="signature"):
            verify(jose.Unverified(token, {"alg": "EdDSA"}, {}), key, ("EdDSA",))
    with pytest.raises(BadToken, match="alg is not allowed"):
        verify(read, key, jose.SIGNING_ALGS)


@pytest.mark.parametrize(
    "jwk",
    [
        {**_OKP, "crv": "X25519"},
        {**_OKP, "crv": "Ed448"},
        {**_OKP, "x": "short"},
        {**_OKP, "x": None},
        {**_OKP, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
        {"kty": "oct", "k": "AAAA"},
    ],
)
def test_no_other_octet_key_is_read(jwk: dict[str, Any]) -> None:
    with pytest.raises(jose.BadKey):
        jose.read_verifying_key(jwk)


def test_clients_and_our_own_keys_stay_with_rsa_and_ec() -> None:
    with pytest.raises(jose.BadKey, match="RSA or EC"):
        jose.read_public_key(_OKP)
