"""Sessions that began on a proxy's word are good for as long as the proxy says the same.

Somebody who signs out at the proxy, or leaves the workstation to another person there, has no session here any more,
though the browser still brings its cookie. A session of a module that asked the person itself is not looked at.
"""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.engine.handles import hash_handle
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused, HeaderModule, Inbound
from assent.records.sessions import Session
from assent.storage.interface import StorageError
from assent.storage.tables import IDENTITIES, SESSIONS
from assent.web.cookies import Cookie
from assent.web.peers import peer_of


class ProxiedSessions:
    """ASGI middleware: takes the session cookie from a request whose proxy names another person, or nobody."""

    def __init__(self, app: ASGIApp, server: AuthorizationServer, inbound: Inbound, cookie: Cookie) -> None:
        self._app = app
        self._server = server
        self._modules = {module.name: module for module in inbound.headers}
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = HTTPConnection(scope)
            value = self._cookie.read(request)
            if value is not None and not await self._holds(request, value):
                scope = {**scope, "headers": [line for line in scope["headers"] if line[0] != b"cookie"]}
                scope["headers"] += [(b"cookie", kept) for kept in self._others(request)]
        await self._app(scope, receive, send)

    async def _holds(self, request: HTTPConnection, value: str) -> bool:
        try:
            session = await self._server.storage.get(SESSIONS, hash_handle(value))
            if session is None or session.module not in self._modules:
                return True
            return await self._names(self._modules[session.module], request, session)
        except (ArrivalRefused, StorageError):
            return False

    async def _names(self, module: HeaderModule, request: HTTPConnection, session: Session) -> bool:
        """Whether the proxy names the person of the session now."""
        arrival = await module.recognise(self._server, request.headers, peer_of(request))
        if arrival is None:
            return False
        identity = await self._server.storage.get(
            IDENTITIES, arrival.module, arrival.provider, arrival.subject
        )
        return identity is not None and identity.person_id == session.person_id

    def _others(self, request: HTTPConnection) -> list[bytes]:
        """The cookie headers without the session's."""
        kept = []
        for header in request.headers.getlist("cookie"):
            pairs = [pair.strip() for pair in header.split(";")]
            pairs = [pair for pair in pairs if pair.partition("=")[0] != self._cookie.name]
            if pairs:
                kept.append("; ".join(pairs).encode("latin-1"))
        return kept
