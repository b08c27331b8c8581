"""A FHIR server reached over HTTP, with the installation's own credentials.

The person's or the app's token is never sent on: the upstream trusts the gateway, not them. The client is loaded with
the first request: it takes as long to load as a tenth of the rest of the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assent.fhir.upstream import FHIR_JSON, UpstreamDown, UpstreamRequest, UpstreamResponse

if TYPE_CHECKING:
    import aiohttp

MAX_ANSWER_BYTES = 64 * 1024 * 1024


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

    @property
    def base(self) -> str:
        """The upstream's own base URL."""
        return self._settings.base

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """One request, without following redirects. Raises `UpstreamDown`."""
        import aiohttp
        from yarl import URL

        headers = {"Accept": FHIR_JSON, **request.headers, **self._settings.headers}
        glue = "/" if request.path else ""  # paging links of some servers have a query alone
        url = URL(f"{self._settings.base}{glue}{request.target}", encoded=True)
        try:
            async with self._open().request(
                request.method, url, headers=headers, data=request.body, allow_redirects=False
            ) as answer:
                body = await _read_bounded(answer)
                lower = {name.lower(): value for name, value in answer.headers.items()}
                return UpstreamResponse(answer.status, lower, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UpstreamDown(f"{type(error).__name__} asking the FHIR server") from error

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._settings.connections),
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _read_bounded(answer: "aiohttp.ClientResponse") -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(65536):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise UpstreamDown("the FHIR server's answer is too large")
        chunks.append(chunk)
    return b"".join(chunks)
