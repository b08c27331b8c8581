"""A small application dressed like ours, and a browser-less client that asks it."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from assent.web.errors import ErrorAnswers, Surface, answer_json
from assent.web.limits import Limits
from assent.web.stack import build_stack


@dataclass
class Log:
    """Keeps what is logged."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append((event, fields))

    error = info


@dataclass
class Client:
    """Asks an ASGI application in this process; a body given in pieces is sent chunked."""

    app: ASGIApp

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        if isinstance(given.get("content"), Iterator):
            given["content"] = _as_async(given["content"])
        return anyio.run(self._ask, method, path, given)

    async def _ask(self, method: str, path: str, given: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.example") as client:
            return await client.request(method, path, **given)


def around(
    *routes: BaseRoute, log: Log | None = None, otherwise: Surface = answer_json, limits: Limits | None = None
) -> Client:
    """A client of `routes` in the stack; `/token` answers JSON whatever `otherwise` is."""
    answers = ErrorAnswers((("/token", answer_json),), otherwise, log or Log())
    return Client(
        build_stack(routes, answers=answers, limits=limits or Limits(), random=os.urandom, https=False)
    )


async def _as_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
