"""The FHIR server behind us: one request, one answer.

Answers are read whole because every resource in them is checked before it goes on; files alone are read piece by piece.
Source: FHIR R4 http.html.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

from assent.fhir.json import decode_resource

FHIR_JSON: Final = "application/fhir+json"


class UpstreamDown(Exception):
    """The FHIR server did not answer, took too long, or answered with more than may be read."""


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """`path` is relative to the base, without a leading slash; `query` decoded pairs in order.

    `link`: instead of them, path and query as they stand in a link of the server's.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    link: str | None = None

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        if self.link is not None:
            return self.link
        path = quote(self.path, safe="/$:@!*'(),;=+~-._")
        return f"{path}?{urlencode(self.query)}" if self.query else path


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """Status, headers (lower-case names) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The resource in the body. Raises `UpstreamDown` when it is no JSON object."""
        try:
            return decode_resource(self.body)
        except ValueError as error:
            raise UpstreamDown("the FHIR server answered with something else than a resource") from error


@dataclass(frozen=True, slots=True)
class UpstreamStream:
    """Status, headers (lower-case names) and the body as it comes. To be closed, read or not."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    """Raises `UpstreamDown` where the body ends too early."""
    close: Callable[[], Awaitable[None]]


def as_stream(answer: UpstreamResponse) -> UpstreamStream:
    """An answer that was read whole."""

    async def chunks() -> AsyncIterator[bytes]:
        yield answer.body

    async def close() -> None:
        """Nothing is open."""

    return UpstreamStream(answer.status, answer.headers, chunks(), close)


class Upstream(Protocol):
    """A FHIR server that can be asked."""

    @property
    def base(self) -> str:
        """Its own base URL, as it writes it into links; no slash at the end."""
        ...

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """Sends the request with the installation's own credentials. Raises `UpstreamDown`."""
        ...

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """The same for an answer that may be large: its body is read by whom it is given to. Raises `UpstreamDown`."""
        ...
