"""Who is at the other end, where one socket serves both kinds of addresses."""

import socket

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from assent.identity.trusted_header import Proxies
from assent.web.peers import NotedPeers, peer_of


async def come(peer: str, trusted: tuple[str, ...], said: bytes) -> tuple[str | None, str]:
    """The peer that was noted, and where the request came from."""
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: object) -> None:
        raise AssertionError

    headers = [(b"x-forwarded-for", said)]
    scope = {"type": "http", "client": (peer, 5000), "headers": headers, "scheme": "http"}
    await NotedPeers(app, trusted)(scope, nothing, nothing)  # type: ignore[arg-type]
    return peer_of(HTTPConnection(seen[0])), seen[0]["client"][0]


async def test_an_ipv4_proxy_on_a_socket_of_both_kinds_is_the_proxy() -> None:
    for trusted in (("10.0.0.5",), ("10.0.0.0/24",), ("::ffff:10.0.0.5",)):
        assert await come("::ffff:10.0.0.5", trusted, b"192.0.2.7") == ("10.0.0.5", "192.0.2.7")
    assert await come("10.0.0.5", ("::ffff:10.0.0.5",), b"192.0.2.7") == ("10.0.0.5", "192.0.2.7")


async def test_another_peer_is_not() -> None:
    assert await come("::ffff:10.0.0.6", ("10.0.0.5",), b"192.0.2.7") == ("10.0.0.6", "10.0.0.6")


def test_a_real_socket_of_both_kinds_names_its_peers_so() -> None:
    with (
        socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server,
        socket.create_connection(("127.0.0.1", server.getsockname()[1])),
    ):
        accepted, (peer, *_) = server.accept()
        accepted.close()
    assert peer == "::ffff:127.0.0.1"
    assert Proxies(["127.0.0.1"]).has(peer)
