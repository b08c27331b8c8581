"""Who is at the other end of the connection itself, whatever it says of where a request came from.

Behind a proxy, the address of a request is the one that the proxy names (uvicorn resolves that, for trusted proxies
alone). What is trusted because it comes from the proxy needs the proxy's own address, noted before that. An IPv4 peer
is named so, also where a socket of both kinds names it as an IPv6 address.
"""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assent.spec.address_lists import AddressList, plain_address

_KEY: Final = "assent.peer"


class NotedPeers:
    """ASGI middleware, the outermost of all: notes the peer, then resolves what `trusted` proxies say."""

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        networks = [str(network) for network in AddressList(trusted).networks]
        self._app: ASGIApp = ProxyHeadersMiddleware(app, networks)  # type: ignore[assignment,arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[_KEY] = host = _host(scope)
            if host is not None:
                scope["client"] = (host, scope["client"][1])
        await self._app(scope, receive, send)


def peer_of(request: HTTPConnection) -> str | None:
    """The address of the other end of the connection."""
    found: str | None = request.scope[_KEY] if _KEY in request.scope else _host(request.scope)
    return found


def _host(scope: Scope) -> str | None:
    client = scope.get("client")
    return plain_address(str(client[0])) if client else None
