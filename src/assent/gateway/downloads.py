"""Files, as they come from the FHIR server: passed on piece by piece, with headers that keep them dead in a browser.

Owns how long and how many: who does not read is left after a while, who has gone is left at once, and nobody has more
than a few files on their way.

Sources: RFC 6266; ASGI 3 (http.disconnect); docs/decisions/0037.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assent.fhir.upstream import UpstreamDown
from assent.spec.fhir.refusals import Refuse, Refused

MOST_OF_ONE: Final = 10
MOST_OF_ALL: Final = 100
PATIENCE_SECONDS: Final = 60.0
"""How long a client may take for one piece, of 64 kB at most."""

_RETRY_SECONDS: Final = 10
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
    """Raises `UpstreamDown` where the file breaks off, or holds what it may not."""
    close: Callable[[], Awaitable[None]]


class OpenFiles:
    """How many files are on their way in this process, for each holder of an access and in all."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    async def let_in(self, holder: str, opened: Callable[[], Awaitable[Download]]) -> Download:
        """The file, counted until it is closed. Raises `Refused` (429, 503), and what `opened` raises."""
        refusal = self._refusal(holder)
        if refusal is not None:
            raise Refused(refusal)
        self._open[holder] += 1
        try:
            found = await opened()
        except BaseException:
            self._leave(holder)
            raise

        async def close() -> None:
            self._leave(holder)
            await found.close()

        return replace(found, close=close)

    def _refusal(self, holder: str) -> Refuse | None:
        if self._open[holder] >= MOST_OF_ONE:
            rule = f"At most {MOST_OF_ONE} files are fetched at once"
            return Refuse(429, "throttled", rule, "fetch the others afterwards", _RETRY_SECONDS)
        if self._open.total() >= MOST_OF_ALL:
            rule = "Too many files are being fetched"
            return Refuse(503, "throttled", rule, f"{MOST_OF_ALL} at once in one process", _RETRY_SECONDS)
        return None

    def _leave(self, holder: str) -> None:
        self._open[holder] -= 1
        if not self._open[holder]:
            del self._open[holder]


class _Passing(Response):
    """A file that breaks off is left unfinished, so that it does not look whole."""

    def __init__(self, download: Download, broken: Callable[[UpstreamDown], None]) -> None:
        super().__init__()
        self._download = download
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_until_gone(receive))
        try:
            headers = _headers(self._download)
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for chunk in self._download.chunks:
                await asyncio.sleep(
                    0
                )  # neither a full buffer here nor an empty one there gives way by itself
                if gone.done():
                    return
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except UpstreamDown as error:
            self._broken(error)
        except (TimeoutError, OSError):
            return  # the client reads no more
        finally:
            gone.cancel()
            await self._download.close()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(download: Download) -> list[tuple[bytes, bytes]]:
    named = _DEAD | {"content-type": download.media_type}
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]


async def respond(download: Download, method: str, broken: Callable[[UpstreamDown], None]) -> Response:
    """The HTTP answer; for HEAD without the file. `broken` is told of a file that broke off."""
    if method == "HEAD":
        await download.close()
        head = Response(b"", headers=_DEAD | {"content-type": download.media_type})
        del head.headers["content-length"]  # of the file, which is not known
        return head
    return _Passing(download, broken)


def media_type_of(headers: Mapping[str, str]) -> str:
    """What the server says that the file is, without parameters; bytes where it says nothing that can be read."""
    named = headers.get("content-type", "").partition(";")[0].strip().lower()
    return named if _MEDIA_TYPE.fullmatch(named) else "application/octet-stream"
