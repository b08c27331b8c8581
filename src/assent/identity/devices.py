"""Browsers in which somebody has signed in before: strangers' guesses do not lock her out of them.

A browser that brings the mark of an account is counted by itself, and not together with everybody who tries that
account's name. The mark proves a sign-in of earlier, lets nobody in, and is worth no more guesses than any browser has.
It also says whom the module meant, as a directory may have several people whose names we count as one.
Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from assent.engine.server import AuthorizationServer

DEVICE_SECONDS: Final = 180 * 86400
_NONCE: Final = 16
_TIME: Final = 6
_BODY: Final = _NONCE + _TIME
_MARK: Final = 16


def new_device(server: AuthorizationServer, account: str, subject: str = "") -> str:
    """The mark of a browser in which `account` was just signed in to, by `subject`: 72 characters for a cookie."""
    body = server.random(_NONCE) + server.now().to_bytes(_TIME, "big")
    signed = body + _sign(server, b"device", body, account)
    return urlsafe_b64encode(signed + _sign(server, b"subject", body, subject)).decode()


def is_device_of(server: AuthorizationServer, account: str, device: str | None) -> bool:
    """Whether the mark is one that `account` got here, not too long ago."""
    body, mark, _ = _read(device)
    if not hmac.compare_digest(mark, _sign(server, b"device", body, account)):
        return False
    return 0 <= server.now() - int.from_bytes(body[_NONCE:], "big") < DEVICE_SECONDS


def is_device_by(server: AuthorizationServer, subject: str, device: str | None) -> bool:
    """Whether `subject` signed in when the mark was given; how long ago, `is_device_of` says."""
    body, _, mark = _read(device)
    return hmac.compare_digest(mark, _sign(server, b"subject", body, subject))


def _read(device: str | None) -> tuple[bytes, bytes, bytes]:
    """What was signed, the account's and the subject's signature; empty ones where the text is no mark."""
    try:
        raw = urlsafe_b64decode(device or "")
    except ValueError:
        raw = b""
    if len(raw) != _BODY + 2 * _MARK:
        return b"", b"", b""
    return raw[:_BODY], raw[_BODY:-_MARK], raw[-_MARK:]


def _sign(server: AuthorizationServer, kind: bytes, body: bytes, named: str) -> bytes:
    text = kind + b"\0" + body + named.encode("utf-8", "surrogatepass")
    return hmac.digest(server.cookie_key, text, "sha256")[:_MARK]
