"""How much of a request is taken: bytes of its head, its query and its body. ASGI middleware, inside `errors`.

Owns the sizes and nothing of their meaning. How many fields a form may have is in `forms`.
A body of declared length is refused before a byte of it is read; the server sees to it that no more than the declared
bytes come. A body of unknown length (chunked) is counted as it comes.
Source: RFC 9110 15.5.14 (413), 15.5.15 (414), RFC 6585 5 (431).
"""

from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KILOBYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes. `bodies_by_prefix`: other sizes for paths that begin so, the first that fits.

    The query takes an authorization request by GET: `state` alone may be thousands of characters, each up to
    twelve bytes when percent-encoded. It is below the 65,535 bytes of an address that the server in front of us can
    read, so that who sends too much is told so by a page.
    """

    body_bytes: int = 64 * KILOBYTE
    query_bytes: int = 60 * KILOBYTE
    header_bytes: int = 32 * KILOBYTE
    bodies_by_prefix: tuple[tuple[str, int], ...] = ()

    def body_bytes_at(self, path: str) -> int:
        """How long a body `path` takes."""
        return next(
            (size for prefix, size in self.bodies_by_prefix if path.startswith(prefix)), self.body_bytes
        )


class LimitedRequests:
    """ASGI middleware that raises `HTTPException` with 413, 414 or 431; `errors` writes the answer."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body_bytes = self._limits.body_bytes_at(scope["path"])
        if _is_of_known_length(scope, self._limits, body_bytes):
            await self._app(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, body_bytes), send)


def _is_of_known_length(scope: Scope, limits: Limits, body_bytes: int) -> bool:
    """Check the head of the request; say whether what its body may be long is settled by it."""
    if len(scope["query_string"]) > limits.query_bytes:
        raise HTTPException(414, f"the query is longer than {limits.query_bytes} bytes")
    header_bytes, length, is_chunked = 0, 0, False
    for name, value in scope["headers"]:
        header_bytes += len(name) + len(value)
        if name == b"content-length":
            length = _read_length(value)
        elif name == b"transfer-encoding":
            is_chunked = True
    if header_bytes > limits.header_bytes:
        raise HTTPException(431, f"the headers are longer than {limits.header_bytes} bytes")
    if length > body_bytes:
        raise _too_long(body_bytes)
    return not is_chunked


def _read_length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 18:
        raise HTTPException(400, "Content-Length is not a number of bytes")
    return int(value)


def _counted(receive: Receive, body_bytes: int) -> Receive:
    taken = 0

    async def receive_counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > body_bytes:
                raise _too_long(body_bytes)
        return message

    return receive_counted


def _too_long(body_bytes: int) -> HTTPException:
    return HTTPException(413, f"the body is longer than {body_bytes} bytes", {"Connection": "close"})
