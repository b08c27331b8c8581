"""Browsers in which somebody has signed in before: strangers' guesses do not lock her out of them.

A browser that brings the mark of an account is counted by itself, and not together with everybody who tries that
account's name. The mark proves a sign-in of earlier, lets nobody in, and is worth no more guesses than any browser has.
Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from assent.engine.server import AuthorizationServer

DEVICE_SECONDS: Final = 180 * 86400
_NONCE: Final = 16
_TIME: Final = 6
_MARK: Final = 16


def new_device(server: AuthorizationServer, account: str) -> str:
    """The mark of a browser in which `account` was just signed in to: 51 characters for a cookie."""
    body = server.random(_NONCE) + server.now().to_bytes(_TIME, "big")
    return urlsafe_b64encode(body + _sign(server, account, body)).rstrip(b"=").decode()


def is_device_of(server: AuthorizationServer, account: str, device: str | None) -> bool:
    """Whether the mark is one that `account` got here, not too long ago."""
    if device is None:
        return False
    try:
        raw = urlsafe_b64decode(device + "=" * (-len(device) % 4))
    except ValueError:
        return False
    body, mark = raw[:-_MARK], raw[-_MARK:]
    if len(body) != _NONCE + _TIME or not hmac.compare_digest(mark, _sign(server, account, body)):
        return False
    return 0 <= server.now() - int.from_bytes(body[_NONCE:], "big") < DEVICE_SECONDS


def _sign(server: AuthorizationServer, account: str, body: bytes) -> bytes:
    named = b"device\0" + body + account.encode("utf-8", "surrogatepass")
    return hmac.digest(server.cookie_key, named, "sha256")[:_MARK]
