"""A FHIR server reached over HTTP, with the installation's own credentials.

The person's or the app's token is never sent on: the upstream trusts the gateway, not them. The client is loaded with
the first request: it takes as long to load as a tenth of the rest of the server.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assent.fhir.upstream import (
    FHIR_JSON,
    UpstreamDown,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamStream,
)

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.client import _RequestContextManager

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """Where the FHIR server is and how to sign in there. `headers` hold its credentials."""

    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 30.0
    connections: int = 100


class HttpUpstream:
    """Fulfils `fhir.upstream.Upstream`. Open it inside the running loop, and close it there."""

    def __init__(self, settings: UpstreamSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._files: aiohttp.ClientSession | None = None

    @property
    def base(self) -> str:
        """The upstream's own base URL."""
        return self._settings.base

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """One request, without following redirects. Raises `UpstreamDown`."""
        import aiohttp

        try:
            async with self._asking(self._open(), request) as answer:
                body = await _read_bounded(answer)
                return UpstreamResponse(answer.status, _lower(answer), body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _down(error) from error

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """The same, the body unread: the time-out holds for each pause, not for the whole. Raises `UpstreamDown`."""
        import aiohttp

        try:
            answer = await self._asking(self._open_files(), request)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _down(error) from error

        async def close() -> None:
            answer.close()

        return UpstreamStream(answer.status, _lower(answer), _chunks(answer), close)

    def _asking(self, session: "aiohttp.ClientSession", request: UpstreamRequest) -> "_RequestContextManager":
        from yarl import URL

        headers = {"accept": FHIR_JSON, **request.headers, **self._settings.headers}
        glue = "/" if request.path else ""  # paging links of some servers have a query alone
        url = URL(f"{self._settings.base}{glue}{request.target}", encoded=True)
        return session.request(request.method, url, headers=headers, data=request.body, allow_redirects=False)

    async def close(self) -> None:
        """Closes the connections."""
        for session in (self._session, self._files):
            if session is not None:
                await session.close()
        self._session = self._files = None

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._settings.timeout_seconds)
            self._session = self._opened(timeout)
        return self._session

    def _open_files(self) -> "aiohttp.ClientSession":
        """Connections of their own: who reads a file slowly keeps nobody else from asking."""
        import aiohttp

        if self._files is None:
            pause = self._settings.timeout_seconds
            timeout = aiohttp.ClientTimeout(total=None, connect=pause, sock_connect=pause, sock_read=pause)
            self._files = self._opened(timeout)
        return self._files

    def _opened(self, timeout: "aiohttp.ClientTimeout") -> "aiohttp.ClientSession":
        import aiohttp

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._settings.connections),
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
        )


async def _read_bounded(answer: "aiohttp.ClientResponse") -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise UpstreamDown("the FHIR server's answer is too large")
        chunks.append(chunk)
    return b"".join(chunks)


async def _chunks(answer: "aiohttp.ClientResponse") -> AsyncIterator[bytes]:
    import aiohttp

    try:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            yield chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _down(error) from error


def _lower(answer: "aiohttp.ClientResponse") -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _down(error: Exception) -> UpstreamDown:
    return UpstreamDown(f"{type(error).__name__} asking the FHIR server")
