"""The cookies we set: who is signed in here (`session`), which browser this is (`browser`), and in which language its
reader wants our pages (`language`), and that it need not be asked for a second factor again (`remembered`),
that somebody has signed in here before (`device`), and with a second factor (`proven`).

Owns their names, attributes and spelling. What a value means is looked up by its hash elsewhere.
Sources: RFC 6265 4.1, RFC 6265bis 4.1.3.2 (`__Host-`), OWASP Session Management.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import Response

_KEY: Final = "assent.cookies"
DEFAULT_ISSUER: Final = "default"
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{22,128}")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{2,20}\.(?:[0-9a-f]{16})?")
_YEAR_SECONDS: Final = 31_536_000
_MARK_SECONDS: Final = 180 * 86400
_SECONDS: Final = {"remembered": _YEAR_SECONDS, "device": _MARK_SECONDS, "proven": _MARK_SECONDS}


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of ours: `name` as the browser knows it, `secure` where the public URL is https.

    `form`: what its value looks like. `seconds`: how long the browser keeps it, None until it is closed.
    """

    name: str
    secure: bool
    form: re.Pattern[str] = _VALUE
    seconds: int | None = None

    def read(self, request: HTTPConnection) -> str | None:
        """The value; None when missing, malformed, or sent twice (somebody planted a second one)."""
        values = _values(request).get(self.name, ())
        if len(values) != 1 or not self.form.fullmatch(values[0]):
            return None
        return values[0]

    def set(self, response: Response, value: str) -> None:
        """Give the browser `value`; the lifetime that counts is the stored record's."""
        response.headers.append("set-cookie", self.header(value))

    def header(self, value: str) -> str:
        """The same as the text of a Set-Cookie header."""
        age = f"Max-Age={self.seconds}; " if self.seconds is not None else ""
        return f"{self.name}={value}; {age}{self._attributes()}"

    def clear(self, response: Response) -> None:
        """Make the browser forget it."""
        response.headers.append("set-cookie", f"{self.name}=; Max-Age=0; {self._attributes()}")

    def _attributes(self) -> str:
        return "Path=/; HttpOnly; SameSite=Lax; Secure" if self.secure else "Path=/; HttpOnly; SameSite=Lax"


def _values(request: HTTPConnection) -> dict[str, list[str]]:
    """What the browser sent, by name; read once for each request."""
    found: dict[str, list[str]] | None = request.scope.get(_KEY)
    if found is None:
        found = request.scope[_KEY] = {}
        for header in request.headers.getlist("cookie"):
            for pair in header.split(";"):
                name, _, value = pair.strip().partition("=")
                found.setdefault(name, []).append(value)
    return found


def cookie_of(
    purpose: Literal["session", "browser", "language", "remembered", "device", "proven"],
    issuer_id: str,
    *,
    https: bool,
) -> Cookie:
    """The cookie of an issuer. Issuers on one host do not see each other's, as the name says whose it is."""
    name = f"assent-{purpose}"
    if issuer_id != DEFAULT_ISSUER:
        name = f"{name}-{quote(issuer_id, safe='')}"
    name = f"__Host-{name}" if https else name
    if purpose == "language":
        return Cookie(name, https, _LANGUAGE, _YEAR_SECONDS)
    return Cookie(name, https, seconds=_SECONDS.get(purpose))


def new_value(random: Callable[[int], bytes]) -> str:
    """A fresh opaque value of 256 random bits; `random(n)` gives n random bytes."""
    return urlsafe_b64encode(random(32)).rstrip(b"=").decode()
