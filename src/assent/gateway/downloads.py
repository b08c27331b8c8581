"""Files, as they come from the FHIR server: passed on piece by piece, with headers that keep them dead in a browser.

Source: RFC 6266; docs/decisions/0035.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
_DEAD: Final = {
    "content-disposition": "attachment",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way. `close` is called once, whether or not the file was read to its end."""

    media_type: str
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


class _Passing(StreamingResponse):
    """Closes what it reads from, also when the client goes away before the first byte."""

    def __init__(self, download: Download) -> None:
        super().__init__(download.chunks, headers=_DEAD | {"content-type": download.media_type})
        self._close = download.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()


async def respond(download: Download, method: str) -> Response:
    """The HTTP response; for HEAD without the file."""
    if method == "HEAD":
        await download.close()
        return Response(b"", headers=_DEAD | {"content-type": download.media_type})
    return _Passing(download)


def media_type_of(headers: Mapping[str, str]) -> str:
    """What the server says that the file is, without parameters; bytes where it says nothing that can be read."""
    named = headers.get("content-type", "").partition(";")[0].strip().lower()
    return named if _MEDIA_TYPE.fullmatch(named) else "application/octet-stream"
