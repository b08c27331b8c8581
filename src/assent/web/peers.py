"""Who is at the other end of the connection itself, whatever it says of where a request came from.

Behind a proxy, the address of a request is the one that the proxy names (uvicorn resolves that, for trusted proxies
alone). What is trusted because it comes from the proxy needs the proxy's own address, noted before that.
"""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_KEY: Final = "assent.peer"


class NotedPeers:
    """ASGI middleware, the outermost of all: notes the peer, then resolves what `trusted` proxies say."""

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        self._app: ASGIApp = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[assignment,arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[_KEY] = _host(scope)
        await self._app(scope, receive, send)


def peer_of(request: HTTPConnection) -> str | None:
    """The address of the other end of the connection."""
    found: str | None = request.scope[_KEY] if _KEY in request.scope else _host(request.scope)
    return found


def _host(scope: Scope) -> str | None:
    client = scope.get("client")
    return str(client[0]) if client else None
