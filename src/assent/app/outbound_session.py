"""The connections of `outbound`, apart from it because what speaks HTTP takes a tenth of the server's start to load."""

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from assent.engine.server import FetchFailed
from assent.spec.networks import is_global

_CONNECTIONS = 20


class _CheckedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to an address that may not be reached."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._allow_private and any(not is_global(result["host"]) for result in found):
            raise FetchFailed("the host's address is private")
        return found

    async def close(self) -> None:
        await self._inner.close()


def open_session(timeout_seconds: float, *, allow_private: bool) -> aiohttp.ClientSession:
    """Connections that keep no cookies. A name that leads to a private address raises `FetchFailed` unless allowed."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=_CONNECTIONS, resolver=_CheckedResolver(allow_private=allow_private)
        ),
        timeout=aiohttp.ClientTimeout(total=timeout_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
