"""Signing and verifying, with an explicit list of algorithms: the only module that imports the JOSE library.

Owns compact JWS, JWK reading and the strictness around both. What a claim must say is decided by its reader
(`spec.assertions`, `engine`). Sources: RFC 7515, RFC 7517, RFC 7519, RFC 8725.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NewType

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

Claims = NewType("Claims", dict[str, Any])
"""Claims whose signature was verified."""

SIGNING_ALGS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
ED25519_ALGS = ("Ed25519", "EdDSA")  # RFC 9864 2.2, and the name that it had before (RFC 8037 3.1)
VERIFYING_ALGS = (*SIGNING_ALGS, *ED25519_ALGS)
"""What signatures of others may have, where a provider's definition does not say."""

KEY_TYPE_OF_ALG = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(ED25519_ALGS, "OKP"),
}
CURVE_OF_ALG = {
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    **dict.fromkeys(ED25519_ALGS, "Ed25519"),
}
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
MIN_RSA_BITS = 2048
_RSA_NUMBERS = frozenset({"n", "e", "d", "p", "q", "dp", "dq", "qi"})
MAX_TOKEN_BYTES = 16_384

Key = RSAKey | ECKey
VerifyingKey = Key | OKPKey
_encode = msgspec.json.Encoder().encode


class BadToken(ValueError):
    """A JWS that is malformed, or whose signature, header or key is wrong; the text says which (for the log)."""


class BadKey(ValueError):
    """A JWK that cannot be used; the text names the member and the rule."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A JWS read but not verified: good for finding the key, for nothing else."""

    token: str
    header: dict[str, Any]
    claims: dict[str, Any]


def sign(key: Key, alg: str, kid: str, typ: str, claims: Mapping[str, Any]) -> str:
    """A compact JWS of the claims. For what we sign ourselves: `key` is one that `alg` can be used with.

    The library checks header and key anew each time, which takes longer than all else but the signature; here both
    are ours, and the header is written once.
    """
    message = _head(alg, kid, typ) + _base64(_encode(claims))
    return (message + b"." + _base64(_signer(alg)(message, key))).decode("ascii")


def sign_with_header(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """A compact JWS with this header, which names `alg`: for what other parties sign."""
    return jws.serialize_compact(dict(header), _encode(claims), key, algorithms=[header["alg"]])


def read_unverified(token: str) -> Unverified:
    """Header and claims of a compact JWS. Raises `BadToken` when it is no JWS with a JSON object inside."""
    if len(token) > MAX_TOKEN_BYTES:
        raise BadToken("longer than 16 kB")
    try:
        signed = jws.extract_compact(token.encode("ascii"))
        claims = msgspec.json.decode(signed.payload)
    except (JoseError, UnicodeError, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise BadToken("not a compact JWS with JSON claims") from error
    header = dict(signed.protected)
    if not isinstance(claims, dict):
        raise BadToken("the claims are no JSON object")
    if "crit" in header:
        raise BadToken("header crit is not supported")  # RFC 7515 4.1.11
    return Unverified(token, header, claims)


def verify(unverified: Unverified, key: VerifyingKey, algs: tuple[str, ...]) -> Claims:
    """The claims, once `key` is shown to have signed them with one of `algs`. Raises `BadToken`."""
    alg = unverified.header.get("alg")
    if alg not in algs or KEY_TYPE_OF_ALG.get(str(alg)) != key.key_type:
        raise BadToken("alg is not allowed here")  # RFC 8725 3.1: never let the token choose
    try:
        if isinstance(key, OKPKey):
            _check_ed25519(unverified.token, key)
        else:
            jws.deserialize_compact(unverified.token.encode("ascii"), key, algorithms=[str(alg)])
    except (JoseError, ValueError) as error:
        raise BadToken("the signature is wrong") from error
    return Claims(unverified.claims)


def _check_ed25519(token: str, key: OKPKey) -> None:
    """Raises `ValueError`. Both names of the algorithm mean this; the library warns of the older one."""
    message, _, signature = token.rpartition(".")
    octets = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    ed25519 = jws.JWSRegistry(algorithms=["Ed25519"]).get_alg("Ed25519")
    if not ed25519.verify(message.encode("ascii"), octets, key):
        raise ValueError("the signature is wrong")


def read_public_key(jwk: Mapping[str, Any]) -> Key:
    """A public key for verifying. Unknown members are ignored. Raises `BadKey` on symmetric, private or weak ones."""
    private = sorted(PRIVATE_MEMBERS & jwk.keys())
    if private:
        raise BadKey(f"member {private[0]} is private: register public keys only")
    return _import(jwk)


def read_verifying_key(jwk: Mapping[str, Any]) -> VerifyingKey:
    """A public key of another issuer, which may be an Ed25519 one, too (RFC 8037 2). Raises `BadKey`."""
    if jwk.get("kty") != "OKP":
        return read_public_key(jwk)
    private = sorted(PRIVATE_MEMBERS & jwk.keys())
    if private:
        raise BadKey(f"member {private[0]} is private: register public keys only")
    if jwk.get("crv") != "Ed25519":
        raise BadKey("an OKP key must be on Ed25519")
    try:
        return OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x") if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadKey("not a valid OKP key") from error


def read_private_key(jwk: Mapping[str, Any]) -> Key:
    """A private key for signing. Raises `BadKey`."""
    if "d" not in jwk:
        raise BadKey("member d is missing: this is no private key")
    return _import(jwk)


def read_kept_key(jwk: Mapping[str, Any]) -> Key:
    """A private key that `read_private_key` took, or that we made, before it was sealed. Raises `BadKey`.

    The seal proves that it is the same, so the primes of an RSA key are not tested anew, which takes as long as a
    hundred signatures.
    """
    if jwk.get("kty") != "RSA" or not jwk.keys() >= _RSA_NUMBERS:
        return read_private_key(jwk)
    number = {name: _read_number(jwk[name]) for name in _RSA_NUMBERS}
    private = RSAPrivateNumbers(
        p=number["p"],
        q=number["q"],
        d=number["d"],
        dmp1=number["dp"],
        dmq1=number["dq"],
        iqmp=number["qi"],
        public_numbers=RSAPublicNumbers(number["e"], number["n"]),
    )
    return RSAKey.import_key(private.private_key(unsafe_skip_rsa_key_validation=True))


def fingerprint(jwk: Mapping[str, Any]) -> bytes:
    """A hash of all that a JWK says: equal for equal keys, for remembering an imported one."""
    return sha256(_encode(sorted((str(name), str(value)) for name, value in jwk.items()))).digest()


@lru_cache(maxsize=256)
def _head(alg: str, kid: str, typ: str) -> bytes:
    return _base64(_encode({"alg": alg, "typ": typ, "kid": kid})) + b"."


@lru_cache(maxsize=len(SIGNING_ALGS))
def _signer(alg: str) -> Callable[[bytes, Key], bytes]:
    signer: Callable[[bytes, Key], bytes] = jws.JWSRegistry(algorithms=SIGNING_ALGS).get_alg(alg).sign
    return signer


def _read_number(text: str) -> int:
    """RFC 7518 2, Base64urlUInt."""
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _base64(text: bytes) -> bytes:
    return urlsafe_b64encode(text).rstrip(b"=")


def _import(jwk: Mapping[str, Any]) -> Key:
    kty = jwk.get("kty")
    known = {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y", *PRIVATE_MEMBERS) if name in jwk}
    try:
        match kty:
            case "RSA":
                rsa = RSAKey.import_key(known)
                if rsa.public_key.key_size < MIN_RSA_BITS:
                    raise BadKey(f"an RSA key needs at least {MIN_RSA_BITS} bits")
                return rsa
            case "EC":
                return ECKey.import_key(known)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, BadKey):
            raise
        raise BadKey(f"not a valid {kty} key") from error
    raise BadKey("kty must be RSA or EC (no symmetric keys)")


def new_private_jwk(alg: str, kid: str) -> dict[str, Any]:
    """A fresh private JWK for `alg` (RSA 2048, or the curve that the algorithm names)."""
    key: Key
    if KEY_TYPE_OF_ALG[alg] == "RSA":
        key = RSAKey.generate_key(MIN_RSA_BITS, private=True)
    else:
        key = ECKey.generate_key(CURVE_OF_ALG[alg], private=True)
    return {**key.as_dict(private=True), "kid": kid, "alg": alg, "use": "sig"}


def public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The JWK without its private members."""
    return {name: value for name, value in jwk.items() if name not in PRIVATE_MEMBERS}
