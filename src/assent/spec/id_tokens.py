"""ID tokens and logout tokens of an OpenID provider: what their claims must say to the client that gets them.

Owns the rules about header, claims and key choice. Fetching keys, verifying the signature, and what becomes of a proven
person are others'. Every breach is `BadIdToken`, whose text names the rule, for the log.

Sources: OpenID Connect Core 1.0 2 and 3.1.3.7; OpenID Connect Back-Channel Logout 1.0 2.4 and 2.6; RFC 8725 3.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from assent.spec.claims import at_hash
from assent.spec.jose import CURVE_OF_ALG, KEY_TYPE_OF_ALG

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_SUBJECT: Final = 255  # Core 2: 255 ASCII characters
_OLDEST_LOGOUT_SECONDS: Final = 600
_TYPES: Final = {
    "ID token": (None, "JWT"),
    "logout token": (None, "JWT", "LOGOUT+JWT"),
    "access token": (None, "JWT", "AT+JWT", "APPLICATION/AT+JWT"),
    "userinfo": (None, "JWT"),
}

Kind = Literal["ID token", "logout token", "access token", "userinfo"]


class BadIdToken(ValueError):
    """A token breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Of whom a token must be and for whom, now, give or take `leeway_seconds`."""

    issuer: str
    client_id: str
    now: int
    leeway_seconds: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the authorization request said: its nonce, and since when the person must have proven herself, if it did."""

    nonce: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """Who is signed out at the provider: `subject` everywhere, or the provider's one session `session`."""

    issuer: str
    subject: str | None
    session: str | None
    jti: str
    remember_until: int


def check_header(header: Mapping[str, Any], algs: Iterable[str], kind: Kind) -> str:
    """The algorithm of a header that may be this kind of token's, one of `algs`. Raises `BadIdToken`."""
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in tuple(algs):
        raise BadIdToken("header alg is not one that is accepted of this provider")  # RFC 8725 3.1
    typ = header.get("typ")
    if (typ.upper() if isinstance(typ, str) else typ) not in _TYPES[kind]:
        raise BadIdToken("header typ is that of another kind of token")  # RFC 8725 3.11
    return alg


def choose_key(keys: Iterable[Mapping[str, Any]], alg: str, kid: object) -> Mapping[str, Any]:
    """The one JWK that may have signed with `alg`: that of the `kid`, or the only one where none is named (Core 10.1).

    Raises `BadIdToken` on none and on several.
    """
    hits = [key for key in keys if _fits(key, alg) and (kid is None or key.get("kid") == kid)]
    if len(hits) != 1:
        found = "no key" if not hits else "more than one key"
        named = "" if kid is None else " and the kid of the header"
        raise BadIdToken(f"{found} in the provider's JWKS is for {alg}{named}")
    return hits[0]


def _fits(key: Mapping[str, Any], alg: str) -> bool:
    return (
        key.get("kty") == KEY_TYPE_OF_ALG[alg]
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (alg not in CURVE_OF_ALG or key.get("crv") == CURVE_OF_ALG[alg])
    )


def check_id_token(claims: Mapping[str, Any], expected: Expected, asked: Asked) -> None:
    """Raises `BadIdToken` unless the verified claims answer the request (Core 3.1.3.7)."""
    _check_sender(claims, expected)
    _subject(claims, is_needed=True)
    leeway, now = expected.leeway_seconds, expected.now
    if _instant(claims, "exp") <= now - leeway:
        raise BadIdToken("the ID token is past its exp")
    if _instant(claims, "iat") > now + leeway:
        raise BadIdToken("iat is in the future")
    if "nbf" in claims and _instant(claims, "nbf") > now + leeway:
        raise BadIdToken("nbf is in the future")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), asked.nonce.encode()):
        raise BadIdToken("nonce is not the one of the request")
    _check_auth_time(claims, asked, now, leeway)


def check_userinfo(claims: Mapping[str, Any], expected: Expected) -> None:
    """Raises `BadIdToken` unless signed userinfo is the provider's, and for us (Core 5.3.2). Not whose it is."""
    _check_sender(claims, expected)
    leeway, now = expected.leeway_seconds, expected.now
    if "exp" in claims and _instant(claims, "exp") <= now - leeway:
        raise BadIdToken("the userinfo is past its exp")
    for name in ("iat", "nbf"):
        if name in claims and _instant(claims, name) > now + leeway:
            raise BadIdToken(f"{name} is in the future")
    if "events" in claims:
        raise BadIdToken("it is a logout token")


def check_at_hash(claims: Mapping[str, Any], alg: str, access_token: str) -> None:
    """Raises `BadIdToken` when the ID token names another access token than the one beside it (Core 3.1.3.8)."""
    named = claims.get("at_hash")
    if named is None:
        return
    right = at_hash(access_token, alg)
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), right.encode()):
        raise BadIdToken("at_hash is that of another access token")


def read_logout_token(claims: Mapping[str, Any], expected: Expected) -> LogoutNotice:
    """What verified claims of a logout token say (Back-Channel Logout 2.6). Raises `BadIdToken`."""
    _check_sender(claims, expected)
    leeway, now = expected.leeway_seconds, expected.now
    issued_at = _instant(claims, "iat")
    if issued_at > now + leeway:
        raise BadIdToken("iat is in the future")
    # exp was not always a member of logout tokens: without it they are good for ten minutes
    expires_at = _instant(claims, "exp") if "exp" in claims else issued_at + _OLDEST_LOGOUT_SECONDS
    if min(expires_at, issued_at + _OLDEST_LOGOUT_SECONDS) <= now - leeway:
        raise BadIdToken("the logout token is too old")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise BadIdToken("events does not say that it is a logout token")
    if "nonce" in claims:
        raise BadIdToken("nonce must not be in a logout token")  # an ID token is none
    subject, session, jti = _subject(claims, is_needed=False), claims.get("sid"), claims.get("jti")
    if session is not None and (not isinstance(session, str) or not session):
        raise BadIdToken("sid must be a text")
    if subject is None and session is None:
        raise BadIdToken("sub or sid is required")
    if not isinstance(jti, str) or not jti:
        raise BadIdToken("jti is required")
    return LogoutNotice(
        expected.issuer, subject, session, jti, issued_at + _OLDEST_LOGOUT_SECONDS + leeway + 1
    )


def _check_sender(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise BadIdToken("iss is not the provider's issuer")
    audiences = claims.get("aud")
    audiences = [audiences] if isinstance(audiences, str) else audiences
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise BadIdToken("aud is not our client_id")
    authorized = claims.get("azp")
    if authorized is None and len(audiences) > 1:
        raise BadIdToken("azp is required where aud names several")
    if authorized is not None and authorized != expected.client_id:
        raise BadIdToken("azp is not our client_id")


def _subject(claims: Mapping[str, Any], *, is_needed: bool) -> str | None:
    subject = claims.get("sub")
    if subject is None and not is_needed:
        return None
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadIdToken(f"sub must be a text of 1 to {LONGEST_SUBJECT} characters")
    return subject


def _check_auth_time(claims: Mapping[str, Any], asked: Asked, now: int, leeway: int) -> None:
    if "auth_time" not in claims:
        if asked.since is not None:
            raise BadIdToken("auth_time is required: the request asked when the person signed in")
        return
    signed_in_at = _instant(claims, "auth_time")
    if signed_in_at > now + leeway:
        raise BadIdToken("auth_time is in the future")
    if asked.since is not None and signed_in_at + leeway < asked.since:
        raise BadIdToken("the person signed in longer ago than the request allows")


def _instant(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise BadIdToken(f"{name} must be a number of seconds")
    return int(value)
