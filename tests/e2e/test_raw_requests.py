"""What no browser sends, and somebody does: addresses and heads that are no HTTP, or too long. The server answers, and
goes on."""

import re
import socket

import httpx
import pytest

from e2e.deployments import Deployment

REFERENCE = re.compile(r"Reference: [2-9A-Z]{4}-[2-9A-Z]{2}")


def ask(demo: Deployment, head: bytes) -> str:
    """What the server answers to these bytes, as text."""
    with socket.create_connection(("127.0.0.1", demo.server.port), timeout=60) as connection:
        connection.sendall(head)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received.decode("utf-8", "replace")


def get(path: bytes, more: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more + b"\r\n"


@pytest.fixture(autouse=True)
def still_serves(demo: Deployment) -> None:
    """Whatever was asked before, the next one is answered."""
    assert httpx.get(f"{demo.url}/health/ready", timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"/login?x=" + b"a" * 62_000, 414),
        (b"/oauth/authorize?state=" + b"a" * 62_000, 414),
        (b"/%", 404),
        (b"/%zz", 404),
        (b"/%c3%28", 404),
        (b"/%00", 404),
        (b"/..%2f..%2fassent.toml", 404),
        (b"/static/..%2f..%2fassent.toml", 404),
        (b"//evil.example/", 404),
        (b"/login;jsessionid=1", 404),
        (b"/login?flow=%ff", 400),
        (b"/oauth/authorize?client_id=%ff", 400),
        (b"/oauth/authorize?%", 400),
    ],
)
def test_an_address_of_any_kind_is_answered_with_a_page(demo: Deployment, path: bytes, status: int) -> None:
    answer = ask(demo, get(path))
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "text/html" in answer
    assert REFERENCE.search(answer)
    assert "Traceback" not in answer


@pytest.mark.parametrize(
    "head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /login\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        get(b"/login?x=" + b"a" * 70_000),
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_tells_nothing(demo: Deployment, head: bytes) -> None:
    answer = ask(demo, head)
    assert answer == "" or answer.startswith("HTTP/1.1 4")
    assert "Traceback" not in answer


def test_a_head_that_is_too_long_is_told_as_too_long(demo: Deployment) -> None:
    answer = ask(demo, get(b"/login", b"Cookie: a=" + b"b" * 40_000 + b"\r\n"))
    assert answer.startswith("HTTP/1.1 431 ")
    assert REFERENCE.search(answer)


@pytest.mark.parametrize("path", ["/login", "/oauth/revoke", "/oauth/authorize?client_id=demo-app"])
def test_head_acts_on_nothing(demo: Deployment, path: str) -> None:
    answer = httpx.head(f"{demo.url}{path}", timeout=60)
    assert answer.status_code == 405
    assert answer.content == b""
    assert "set-cookie" not in answer.headers
