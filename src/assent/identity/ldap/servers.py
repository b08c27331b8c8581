"""The servers of one directory: which is asked, the connections that are kept, and going on to the next when one fails.

The first server that is not failing is asked. One that fails is left alone for a while, twice as long each time, and
asked last meanwhile. Connections of the service account are kept and used again; a person proves herself on a
connection of her own, which is closed behind her: what was bound by one is never used for another.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sansldap import LDAPResultCode

from assent.identity.ldap.urls import ServerUrl
from assent.identity.ldap.wire import BindAnswer, Connection, ServerDown, connect

LONGEST_REST: Final = 60.0
IDLE_SECONDS: Final = 60.0
_FIRST_REST: Final = 2.0
_UNDECIDED: Final = frozenset(
    {
        LDAPResultCode.OPERATIONS_ERROR,
        LDAPResultCode.PROTOCOL_ERROR,
        LDAPResultCode.TIME_LIMIT_EXCEEDED,
        LDAPResultCode.AUTH_METHOD_NOT_SUPPORTED,
        LDAPResultCode.STRONG_AUTH_REQUIRED,
        LDAPResultCode.REFERRAL,
        LDAPResultCode.ADMIN_LIMIT_EXCEEDED,
        LDAPResultCode.CONFIDENTIALITY_REQUIRED,
        LDAPResultCode.BUSY,
        LDAPResultCode.UNAVAILABLE,
        LDAPResultCode.OTHER,
    }
)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Access:
    """How the servers are reached, and the account that looks for people.

    `tls` says whose certificates are good; it may be None where no server is secured.
    """

    urls: tuple[ServerUrl, ...]
    tls: ssl.SSLContext | None
    start_tls: bool
    bind_dn: str
    bind_password: str = field(repr=False)
    answer_seconds: float = 3
    connections: int = 4


@dataclass(slots=True)
class _Health:
    """How a server has been doing. `rests_until` is of the monotonic clock."""

    failures: int = 0
    rests_until: float = 0.0

    def note_failure(self, now: float) -> None:
        self.failures += 1
        self.rests_until = now + min(_FIRST_REST * 2 ** min(self.failures - 1, 10), LONGEST_REST)

    def note_success(self) -> None:
        self.failures, self.rests_until = 0, 0.0


class Servers:
    """All servers of a directory, which hold the same people. `clock` is monotonic."""

    def __init__(self, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._clock = clock
        self._health = {url: _Health() for url in access.urls}
        self._kept: list[tuple[Connection, float]] = []
        self._services = asyncio.Semaphore(access.connections)
        self._persons = asyncio.Semaphore(access.connections)

    async def ask(self, work: Callable[[Connection], Awaitable[_Answer]]) -> _Answer:
        """What `work` finds on a connection of the service account. Raises `ServerDown` when no server can tell."""

        async def ask_new(url: ServerUrl) -> _Answer:
            return await self._use(await open_service(self._access, url), work)

        async with self._services:
            while (connection := await self._take()) is not None:
                try:
                    return await self._use(connection, work)
                except ServerDown:  # closed while nobody used it, perhaps: a new connection will tell
                    await self._drop(connection.url)
            return await self._on_first(ask_new)

    async def prove(self, dn: str, password: str) -> BindAnswer:
        """A server's answer to a bind, when it has decided on it. Raises `ServerDown` when none has."""

        async def bind_on(url: ServerUrl) -> BindAnswer:
            connection = await _open(self._access, url)
            try:
                answer = await connection.bind(dn, password)
            finally:
                await connection.close()
            if answer.code in _UNDECIDED:
                raise ServerDown(f"{url}: a bind is not decided on: {answer.words} ({answer.code})")
            return answer

        async with self._persons:
            return await self._on_first(bind_on)

    async def close(self) -> None:
        """Closes what is kept."""
        while self._kept:
            connection, _ = self._kept.pop()
            await connection.close()

    async def _on_first(self, attempt: Callable[[ServerUrl], Awaitable[_Answer]]) -> _Answer:
        problems = []
        for url in self._order():
            try:
                answer = await attempt(url)
            except ServerDown as problem:
                self._health[url].note_failure(self._clock())
                problems.append(str(problem))
            else:
                self._health[url].note_success()
                return answer
        raise ServerDown("; ".join(problems))

    def _order(self) -> list[ServerUrl]:
        """Who is asked, in order. While all of them rest, only the one whose rest ends first: nobody waits for all."""
        now = self._clock()
        ready = [url for url, health in self._health.items() if health.rests_until <= now]
        resting = sorted(
            (url for url in self._health if url not in ready), key=lambda url: self._health[url].rests_until
        )
        return [*ready, *resting] if ready else resting[:1]

    async def _use(self, connection: Connection, work: Callable[[Connection], Awaitable[_Answer]]) -> _Answer:
        """Does the work, and keeps the connection; where anything goes wrong, it is closed."""
        try:
            answer = await work(connection)
        except BaseException:
            await connection.close()
            raise
        self._kept.append((connection, self._clock()))
        return answer

    async def _take(self) -> Connection | None:
        """A connection that was used before and seems to be good still: the one that was used last."""
        while self._kept:
            connection, since = self._kept.pop()
            if connection.is_usable and self._clock() - since < IDLE_SECONDS:
                return connection
            await connection.close()
        return None

    async def _drop(self, url: ServerUrl) -> None:
        """Closes all that is kept of a server that just failed."""
        failed = [one for one, _ in self._kept if one.url == url]
        self._kept = [(one, since) for one, since in self._kept if one.url != url]
        for connection in failed:
            await connection.close()


async def open_service(access: Access, url: ServerUrl) -> Connection:
    """A new connection, bound as the service account. Raises `ServerDown`."""
    connection = await _open(access, url)
    try:
        answer = await connection.bind(access.bind_dn, access.bind_password)
    except BaseException:
        await connection.close()
        raise
    if answer.code == LDAPResultCode.SUCCESS:
        return connection
    await connection.close()
    raise ServerDown(f"{url}: the service account is refused: {answer.words} ({answer.code})")


async def _open(access: Access, url: ServerUrl) -> Connection:
    """A new connection that is secured as the settings want it, bound as nobody."""
    is_secured = url.is_tls or access.start_tls
    return await connect(url, access.tls if is_secured else None, access.answer_seconds)
