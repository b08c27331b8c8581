"""What the endpoints' tests ask for: the protocol's routes in the real layers, over a server in memory."""

import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from assent.endpoints.discovery import capabilities_of, discovery_routes
from assent.endpoints.introspect import introspection_routes
from assent.endpoints.jwks import jwks_routes
from assent.endpoints.revoke import revocation_routes
from assent.endpoints.token import token_routes
from assent.endpoints.userinfo import userinfo_routes
from assent.spec.documents import Surface
from assent.testing.server import TestServer, a_server
from assent.web.errors import ErrorAnswers, answer_json
from assent.web.limits import Limits
from assent.web.stack import build_stack

SURFACES: frozenset[Surface] = frozenset(
    {"authorize", "launch", "introspection", "revocation", "userinfo", "logout", "management"}
)


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append((event, fields))

    error = info


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    """A server with its surroundings."""
    served = await a_server()
    yield served
    await served.close()


@pytest.fixture
def log() -> Log:
    """What the surface logs."""
    return Log()


@pytest.fixture
async def http(served: TestServer, log: Log) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes, through every layer that the product puts around them."""
    server = served.server
    routes = [
        *token_routes(server),
        *introspection_routes(server),
        *revocation_routes(server),
        *userinfo_routes(server),
        *jwks_routes(server),
        *discovery_routes(capabilities_of(server, SURFACES, ("en",))),
    ]
    app = build_stack(
        routes,
        answers=ErrorAnswers((), answer_json, log),
        limits=Limits(),
        random=os.urandom,
        https=True,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://auth.example"
    ) as client:
        yield client
