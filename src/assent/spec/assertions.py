"""Client assertions: what a signed `private_key_jwt` has to say, and which key may have signed it.

Owns the rules about header, claims and key choice, one profile a client: SMART's audience and algorithms are not
FAPI's, and their union would let an assertion made for one place be used at another. Fetching keys, verifying the
signature and remembering the `jti` are the engine's. Every breach is `BadAssertion`, whose text names the rule, for
the log and the app's developer; the client is told `invalid_client` and no more.

Sources: SMART App Launch 2.2, client-confidential-asymmetric; RFC 7523 3; RFC 7517 4; FAPI 2.0 Security 5.3.2.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from assent.spec.jose import CURVE_OF_ALG, KEY_TYPE_OF_ALG

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFETIME_SECONDS: Final = 300
LONGEST_LEEWAY_SECONDS: Final = 60
_LONGEST_JTI: Final = 256


class BadAssertion(ValueError):
    """An assertion breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class AssertionProfile:
    """Whose rules a client's assertions follow. `audience` says what `aud` must be."""

    name: str
    algs: tuple[str, ...]
    audience: Literal["token_endpoint", "issuer"]


PROFILES: Final = {
    profile.name: profile
    for profile in (
        AssertionProfile("smart", ("RS384", "ES384", "RS256", "ES256", "RS512", "ES512"), "token_endpoint"),
        AssertionProfile("fapi2", ("PS256", "ES256"), "issuer"),
    )
}


@dataclass(frozen=True, slots=True)
class SigningHeader:
    """What a header says about its signature."""

    alg: str
    kid: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is remembered of an accepted assertion: its `jti`, until `remember_until` (epoch seconds)."""

    client_id: str
    jti: str
    remember_until: int


def check_header(header: Mapping[str, Any], profile: AssertionProfile, jwks_uri: str | None) -> SigningHeader:
    """The algorithm and key id of a header that follows the profile. Raises `BadAssertion`."""
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(alg, str) or alg not in profile.algs:
        raise BadAssertion(f"header alg must be one of {', '.join(profile.algs)}")
    if not isinstance(kid, str) or not kid:
        raise BadAssertion("header kid is required")
    if not isinstance(typ, str) or typ.upper() != "JWT":  # RFC 7515 4.1.9: media types ignore case
        raise BadAssertion("header typ must be JWT")
    if "jku" in header and (jwks_uri is None or header["jku"] != jwks_uri):
        raise BadAssertion("header jku must be the registered jwks_uri")
    return SigningHeader(alg, kid)


def choose_key(keys: Iterable[Mapping[str, Any]], header: SigningHeader) -> Mapping[str, Any]:
    """The one JWK of this `kid` whose `kty` fits the algorithm. Raises `BadAssertion` on none and on several."""
    kty = KEY_TYPE_OF_ALG[header.alg]
    hits = [key for key in keys if key.get("kid") == header.kid and key.get("kty") == kty]
    if len(hits) != 1:
        found = "no key" if not hits else "more than one key"
        raise BadAssertion(f"{found} in the client's JWKS has kty {kty} and the kid of the header")
    key = hits[0]
    if key.get("use", "sig") != "sig":
        raise BadAssertion("the key is not for signatures (use)")
    if key.get("alg", header.alg) != header.alg:
        raise BadAssertion("the key is for another alg")
    if kty == "EC" and key.get("crv") != CURVE_OF_ALG[header.alg]:
        raise BadAssertion(f"{header.alg} needs a key on {CURVE_OF_ALG[header.alg]}")
    return key


def check_claims(
    claims: Mapping[str, Any], client_id: str, audience: str, *, now: int, leeway_seconds: int
) -> Assertion:
    """What is to be remembered of an assertion whose claims hold. Raises `BadAssertion`.

    `leeway_seconds` is how far the client's clock may be off; more than 60 counts as 60.
    """
    leeway = min(leeway_seconds, LONGEST_LEEWAY_SECONDS)
    for name in ("iss", "sub"):
        if claims.get(name) != client_id:
            raise BadAssertion(f"{name} must be the client_id")
    if not isinstance(claims.get("aud"), str):
        raise BadAssertion("aud must be one string")
    if claims["aud"] != audience:
        raise BadAssertion(f"aud must be {audience}")
    expires_at = _instant(claims, "exp")
    if expires_at is None:
        raise BadAssertion("exp is required")
    if expires_at <= now - leeway:
        raise BadAssertion("the assertion is past its exp")
    if expires_at > now + LONGEST_LIFETIME_SECONDS + leeway:
        raise BadAssertion("exp is more than 5 minutes ahead")
    for name in ("nbf", "iat"):
        begins_at = _instant(claims, name)
        if begins_at is not None and begins_at > now + leeway:
            raise BadAssertion(f"{name} is in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise BadAssertion(f"jti must be a string of 1 to {_LONGEST_JTI} characters")
    return Assertion(client_id, jti, expires_at + leeway + 1)


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise BadAssertion(f"{name} must be a number of seconds")
    return int(value)
