"""Proof Key for Code Exchange: the authorize request's challenge and the token request's verifier.

Owns their grammar and comparison. Whether a client may do without PKCE is its definition's matter; when it
may and sends none, the challenge is None.

Sources: RFC 7636; SMART App Launch 2.2, app-launch (S256, never `plain`); RFC 9700 2.1.1 (downgrade).
"""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from assent.spec.errors import InvalidGrant, InvalidRequest

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 4.1 and 4.2: 43*128unreserved


def check_challenge(method: str | None, challenge: str | None) -> None:
    """Raises InvalidRequest unless both are there, the method is S256 and the challenge is well formed."""
    if challenge is None:
        raise InvalidRequest("code_challenge is missing")  # RFC 7636 4.4.1
    if method is None:
        # RFC 7636 4.3: an absent method means plain.
        raise InvalidRequest("code_challenge_method is missing and must be S256")
    if method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if _VERIFIER.fullmatch(challenge) is None:
        raise InvalidRequest("code_challenge must be 43 to 128 unreserved characters, without padding")


def challenge_of(verifier: str) -> str:
    """The S256 challenge of `verifier` (RFC 7636 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def verify(challenge: str | None, verifier: str | None) -> None:
    """Raises unless the token request's `verifier` belongs to the `challenge` that the code was issued on.

    InvalidRequest when the verifier is missing, InvalidGrant when it is malformed, wrong, or sent for a code
    that was issued without a challenge.
    """
    if challenge is None:
        if verifier is not None:
            # RFC 9700 2.1.1: somebody took the challenge out of the authorize request.
            raise InvalidGrant("code_verifier was sent, but the authorization request had no code_challenge")
        return
    if verifier is None:
        raise InvalidRequest("code_verifier is missing")
    if _VERIFIER.fullmatch(verifier) is None:
        raise InvalidGrant("code_verifier must be 43 to 128 unreserved characters")
    if not hmac.compare_digest(challenge_of(verifier), challenge):
        raise InvalidGrant("code_verifier does not match the code_challenge")  # RFC 7636 4.6
