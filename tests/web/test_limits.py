"""Sizes: what is too large is refused with a 4xx, before it is read where that can be."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assent.web.limits import Limits
from web.surfaces import Client, around


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client() -> Client:
    limits = Limits(body_bytes=1000, query_bytes=200, header_bytes=2000, bodies_by_prefix=(("/fhir", 5000),))
    routes = [Route("/form", length, methods=["POST"]), Route("/fhir/Patient", length, methods=["POST"])]
    return around(*routes, limits=limits)


def in_pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


def test_a_body_within_the_limit_is_read(client: Client) -> None:
    assert client.post("/form", content=b"x" * 1000).text == "1000"


def test_a_chunked_body_within_the_limit_is_read(client: Client) -> None:
    assert client.post("/form", content=in_pieces(1000)).text == "1000"


def test_a_body_that_says_it_is_too_long_is_refused(client: Client) -> None:
    assert client.post("/form", content=b"x" * 1001).status_code == 413


def test_a_chunked_body_is_refused_when_it_becomes_too_long(client: Client) -> None:
    assert client.post("/form", content=in_pieces(1100)).status_code == 413


def test_a_path_may_take_longer_bodies(client: Client) -> None:
    assert client.post("/fhir/Patient", content=b"x" * 5000).text == "5000"
    assert client.post("/fhir/Patient", content=b"x" * 5001).status_code == 413


def test_a_length_that_is_no_number_is_refused(client: Client) -> None:
    for bad in ("-1", "1e3", "9" * 30):
        answer = client.post("/form", content=b"x", headers={"Content-Length": bad})
        assert answer.status_code == 400, bad


def test_a_query_that_is_too_long_is_refused(client: Client) -> None:
    assert client.post("/form?" + "x" * 201).status_code == 414


def test_headers_that_are_too_long_are_refused(client: Client) -> None:
    assert client.post("/form", headers={"X-Long": "x" * 2000}).status_code == 431
