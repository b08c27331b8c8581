"""The short way gives the answers that the router would give."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from assent.web.exact import ExactPaths


def say(word: str) -> Route:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(f"{word} {dict(request.path_params)}")

    return Route("/" + word, answer, methods=["GET"])


def named(path: str, word: str, *methods: str) -> Route:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(word)

    return Route(path, answer, methods=list(methods))


ROUTES: list[BaseRoute] = [
    named("/a", "a posted", "POST"),
    named("/a", "a asked", "OPTIONS"),
    named("/things/{id}", "any thing", "GET"),
    named("/things/shadowed", "never", "GET"),
    say("b"),
    named("/b", "never", "GET"),
    Mount("/m", routes=[named("/a", "mounted", "GET")]),
    named("/m/a", "never", "GET"),
]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/a"),
        ("OPTIONS", "/a"),
        ("GET", "/a"),
        ("GET", "/things/1"),
        ("GET", "/things/shadowed"),
        ("GET", "/b"),
        ("HEAD", "/b"),
        ("GET", "/b/"),
        ("GET", "/m/a"),
        ("GET", "/none"),
        ("GET", "/a%2f"),
    ],
)
async def test_the_same_answer_as_the_routers(method: str, path: str) -> None:
    answers = []
    for middleware in ([], [Middleware(ExactPaths, routes=ROUTES)]):
        transport = httpx.ASGITransport(Starlette(routes=ROUTES, middleware=middleware))
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.example") as client:
            response = await client.request(method, path)
            answers.append((response.status_code, response.text, response.headers.get("allow")))
    assert answers[0] == answers[1]


async def test_the_router_is_not_asked_for_a_path_that_is_known() -> None:
    async def router(*_: object) -> None:
        raise AssertionError("asked")

    transport = httpx.ASGITransport(ExactPaths(router, ROUTES))
    async with httpx.AsyncClient(transport=transport, base_url="http://auth.example") as client:
        assert (await client.get("/b")).text == "b {}"
        with pytest.raises(AssertionError, match="asked"):
            await client.get("/things/1")
