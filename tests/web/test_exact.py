"""The short way gives the answers that the router would give."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

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
@pytest.mark.parametrize("already", range(len(ROUTES) + 1))
async def test_the_same_answer_as_the_routers_however_many_routes_come_later(
    method: str, path: str, already: int
) -> None:
    exact = ExactPaths(Router(ROUTES[:already]), lambda: ROUTES[already:])
    expected = await asked(Starlette(routes=ROUTES), method, path)
    for _ in range(2):
        assert await asked(ExceptionMiddleware(exact), method, path) == expected


async def asked(app: ASGIApp, method: str, path: str) -> tuple[int, str, str | None]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://auth.example") as client:
        response = await client.request(method, path)
        return response.status_code, response.text, response.headers.get("allow")


async def test_what_comes_later_is_made_once_and_only_for_what_no_other_route_takes() -> None:
    made: list[str] = []

    def later() -> list[BaseRoute]:
        made.append("made")
        return [say("late")]

    exact = ExceptionMiddleware(ExactPaths(Router(ROUTES), later))
    for path in ("/b", "/things/1", "/m/a"):
        assert (await asked(exact, "GET", path))[0] == 200
    assert made == []
    assert await asked(exact, "GET", "/late") == (200, "late {}", None)
    assert (await asked(exact, "GET", "/none"))[0] == 404
    assert made == ["made"]


async def test_what_could_not_be_made_is_tried_again() -> None:
    attempts: list[str] = []

    def later() -> list[BaseRoute]:
        attempts.append("made")
        if len(attempts) == 1:
            raise MemoryError
        return [say("late")]

    exact = ExceptionMiddleware(ExactPaths(Router(ROUTES), later))
    with pytest.raises(MemoryError):
        await asked(exact, "GET", "/late")
    assert (await asked(exact, "GET", "/late"))[0] == 200


async def test_the_router_is_not_asked_for_a_path_that_is_known() -> None:
    class Unasked(Router):
        async def __call__(self, *_: object) -> None:
            raise AssertionError("asked")

    exact = ExactPaths(Unasked(ROUTES))
    assert (await asked(exact, "GET", "/b"))[1] == "b {}"
    with pytest.raises(AssertionError, match="asked"):
        await asked(exact, "GET", "/things/1")
