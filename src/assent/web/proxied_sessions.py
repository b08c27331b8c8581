"""Sessions that began on a proxy's word are good for as long as the proxy says the same.

Somebody who signs out at the proxy, or leaves the workstation to another person there, has no session here any more:
it ends, with what hangs on it (`online_access`), though the browser still brings its cookie. A session of a module that
asked the person itself is not looked at, nor are requests of programs, which a proxy lets through without a person.
"""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.engine.handles import hash_handle
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import end_session
from assent.identity import ArrivalRefused, HeaderModule, Inbound
from assent.records.sessions import Session
from assent.storage.interface import StorageError
from assent.storage.tables import IDENTITIES, SESSIONS
from assent.web.cookies import Cookie
from assent.web.peers import peer_of


class ProxiedSessions:
    """ASGI middleware: takes the session cookie from a request whose proxy names another person, or nobody.

    The session ends then, but for requests to `programs` (prefixes of paths).
    """

    def __init__(
        self,
        app: ASGIApp,
        server: AuthorizationServer,
        inbound: Inbound,
        cookie: Cookie,
        programs: tuple[str, ...],
    ) -> None:
        self._app = app
        self._server = server
        self._modules = {module.name: module for module in inbound.headers}
        self._cookie = cookie
        self._programs = programs

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
            because = await self._ends(self._modules[session.module], request, session)
            if because is None:
                return True
            if not request.url.path.startswith(self._programs):
                caller = Caller(
                    request.client.host if request.client else None, request.headers.get("user-agent")
                )
                await end_session(self._server, session, because=because, actor=None, caller=caller)
        except (ArrivalRefused, StorageError):
            pass  # what cannot be told is nobody's for this request, and ends nothing
        return False

    async def _ends(self, module: HeaderModule, request: HTTPConnection, session: Session) -> str | None:
        """Why the session is over; None while the proxy names its person."""
        arrival = await module.recognise(self._server, request.headers, peer_of(request))
        if arrival is None:
            return "the proxy names nobody"
        identity = await self._server.storage.get(
            IDENTITIES, arrival.module, arrival.provider, arrival.subject
        )
        if identity is None or identity.person_id != session.person_id:
            return "the proxy names another"
        return None

    def _others(self, request: HTTPConnection) -> list[bytes]:
        """The cookie headers without the session's."""
        kept = []
        for header in request.headers.getlist("cookie"):
            pairs = [pair.strip() for pair in header.split(";")]
            pairs = [pair for pair in pairs if pair.partition("=")[0] != self._cookie.name]
            if pairs:
                kept.append("; ".join(pairs).encode("latin-1"))
        return kept
