"""The connections of `fetch`, apart from it because what speaks HTTP takes a tenth of the server's start to load."""

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from assent.app.outbound.private_hosts import Reach

_CONNECTIONS = 20


class _CheckedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to an address that may not be reached."""

    def __init__(self, reach: Reach) -> None:
        self._inner = ThreadedResolver()
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        self._reach.check(host, port, (result["host"] for result in found))
        return found

    async def close(self) -> None:
        await self._inner.close()


def open_session(timeout_seconds: float, reach: Reach) -> aiohttp.ClientSession:
    """Connections that keep no cookies. A name that leads to an address out of reach raises `FetchFailed`."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, resolver=_CheckedResolver(reach)),
        timeout=aiohttp.ClientTimeout(total=timeout_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
