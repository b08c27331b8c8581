"""The store as an ASGI application, to be mounted or to be served on a port of its own.

Owns: HTTP around `FhirStore.handle`, and the limit of a body's size. Leaves everything of FHIR to the store.
"""

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.demo.store.errors import TooLarge
from assent.demo.store.messages import refuse
from assent.demo.store.store import FhirStore

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def store_app(store: FhirStore, *, path: str = "") -> Starlette:
    """The application; `path` is where the FHIR base lies in it, `/fhir`, or empty when it is mounted there.

    The store's own `base_url` has to lead to that place: links are made from it, not from the request.
    """

    async def answer(request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            response = refuse(TooLarge(f"A body has {MAX_BODY_BYTES} bytes at most."))
        else:
            raw_path = request.scope.get("raw_path", b"").decode("ascii").partition("?")[0]
            prefix = request.scope.get("root_path", "") + path
            response = store.handle(
                request.method, raw_path.removeprefix(prefix), request.url.query, request.headers, body
            )
        return Response(response.body, response.status, dict(response.headers))

    routes = [
        Route(path or "/", answer, methods=_METHODS),
        Route(path + "/{rest:path}", answer, methods=_METHODS),
    ]
    return Starlette(routes=routes)


async def _read_body(request: Request) -> bytes | None:
    """The whole body, or None as soon as it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
