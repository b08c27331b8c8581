"""Fetching what clients point to, bounded so that nobody can make this server ask inside its own network.

https only (plain http while the installation is on loopback), no redirects, 64 kB unless told otherwise, 5 s; the
address that is connected to is the one that was checked, so a name that changes its mind between check and connection
gains nothing.
Sources: OWASP SSRF Prevention, RFC 9111 5.2.2 (Cache-Control), SMART App Launch 2.2 (K12, K13).
"""

import ipaddress
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from assent.app.outbound.private_hosts import read_reach
from assent.app.outbound.unreached import say_unreached
from assent.app.settings import OutboundSettings
from assent.engine.server import Answered, Fetched, FetchFailed, Outgoing

if TYPE_CHECKING:
    import aiohttp

MAX_BYTES: Final = 64 * 1024
TIMEOUT_SECONDS: Final = 5.0
DEFAULT_KEEP_SECONDS: Final = 300
_PORTS: Final = {"http": 80, "https": 443}
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


class OutboundFetch:
    """Fulfils `engine.server.Fetch`. `is_loopback`: the installation itself is only reachable on this machine."""

    def __init__(self, settings: OutboundSettings, *, is_loopback: bool) -> None:
        self._reach = read_reach(settings, is_loopback=is_loopback)
        self._schemes = ("https", "http") if settings.allow_http or is_loopback else ("https",)
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, url: str, accept: str, most_bytes: int = MAX_BYTES) -> Fetched:
        """GETs a document of `most_bytes` at most.

        Raises `FetchFailed`; the text is for the log and the app's own developer.
        """
        async with self._asking("GET", url, {"Accept": accept}) as answer:
            if answer.status != 200:
                raise FetchFailed(f"answered {answer.status}")
            body = await _body(answer, most_bytes)
            return Fetched(body, keep_seconds(answer.headers.get("Cache-Control")))

    async def send(self, request: Outgoing) -> Answered:
        """Asks: GET, or POST of a form. Raises `FetchFailed`; a redirect is an answer, too."""
        headers = {"Accept": request.accept}
        if request.authorization is not None:
            headers["Authorization"] = request.authorization
        method = "GET" if request.form is None else "POST"
        async with self._asking(method, request.url, headers, request.form) as answer:
            return Answered(answer.status, answer.content_type.lower(), await _body(answer, MAX_BYTES))

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _asking(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> AsyncIterator["aiohttp.ClientResponse"]:
        import aiohttp  # loaded when something is fetched

        try:
            self._check(url)
            async with self._open().request(
                method, url, headers=headers, data=form, allow_redirects=False
            ) as answer:
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            cause: Any = error.__cause__ if isinstance(error.__cause__, FetchFailed) else None
            raise FetchFailed(str(cause) if cause else say_unreached(error)) from error

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in self._schemes or not parts.hostname or parts.username is not None:
            raise FetchFailed(f"the URL must be {' or '.join(self._schemes)}, without credentials")
        try:
            literal = ipaddress.ip_address(parts.hostname)
        except ValueError:
            return  # a name: its addresses are checked when it is resolved
        self._reach.check(str(literal), parts.port or _PORTS[parts.scheme], [str(literal)])

    def _open(self) -> "aiohttp.ClientSession":
        if self._session is None:
            from assent.app.outbound.session import open_session

            self._session = open_session(TIMEOUT_SECONDS, self._reach)
        return self._session


async def _body(answer: "aiohttp.ClientResponse", most_bytes: int) -> bytes:
    body = await answer.content.read(most_bytes + 1)
    while len(body) <= most_bytes and not answer.content.at_eof():
        body += await answer.content.read(most_bytes + 1 - len(body))
    if len(body) > most_bytes:
        raise FetchFailed(f"the document is longer than {most_bytes // 1024} kB")
    return body


def keep_seconds(cache_control: str | None) -> int:
    """How long a document may be kept by its Cache-Control; 300 s where it says nothing."""
    text = (cache_control or "").lower()
    if "no-store" in text or "no-cache" in text:
        return 0
    found = _MAX_AGE.search(text)
    return int(found[1]) if found else DEFAULT_KEEP_SECONDS
