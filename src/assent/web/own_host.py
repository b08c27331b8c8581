"""One name for a server that is only on this machine: `127.0.0.1` and `localhost` are two origins to a browser.

Whoever opens a page at another of the machine's names is sent to the public one, where cookies and the Origin of forms
fit. Only for a public URL on loopback, only between the names of loopback, only at the same port, and only to the
public URL itself: elsewhere nothing is made of a request's Host.
Source: RFC 6454 4 (what an origin is), RFC 9110 7.2 (Host is the client's word).
"""

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.spec.networks import LOOPBACK_HOSTS


class OwnHost:
    """ASGI middleware, inside `errors`. `origins`: where the issuers are, the one to go to first."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._home = origins[0]
        self._known = frozenset(urlsplit(origin).netloc for origin in origins)
        self._port = urlsplit(self._home).port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and self._is_elsewhere(scope):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            target = self._home + (scope["raw_path"] + query).decode("ascii", "replace")
            await RedirectResponse(target, 307, {"Cache-Control": "no-store"})(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_elsewhere(self, scope: Scope) -> bool:
        """Whether a browser opens a page (programs are not asked where they are) at another name of this machine."""
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if host in self._known or b"text/html" not in headers.get(b"accept", b""):
            return False
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname, parts.port
        except ValueError:
            return False
        return name in LOOPBACK_HOSTS and port == self._port
