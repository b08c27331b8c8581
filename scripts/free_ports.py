"""Ports of loopback for programs that are told where to listen: free now, and given to nobody else meanwhile.

A port that the system picks (`bind` to 0) may be another's before the program is up: a second test worker's, or the
near end of somebody's connection. These lie below those that systems pick, and each process takes them from a block
of its own, which it holds by a name in Linux' abstract namespace: as wide as the network, free again when it ends.
"""

import socket
from collections.abc import Iterator
from functools import cache

FIRST, LAST, BLOCK = 12_000, 32_000, 200


def free_port() -> int:
    """A port that nobody listens on, and that no other process is given while this one lives."""
    return next(_ports())


@cache
def _ports() -> Iterator[int]:
    """The free ports of a block of our own, over and over."""
    return _free_in(*_take_block())


def _take_block() -> tuple[int, socket.socket]:
    """The first port of a block that is nobody's, and what holds it as long as it is open."""
    for first in range(FIRST, LAST, BLOCK):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0assent-ports-{first}")
        except OSError:
            held.close()
            continue
        return first, held
    raise RuntimeError(f"all ports from {FIRST} to {LAST} are taken")


def _free_in(first: int, held: socket.socket) -> Iterator[int]:
    with held:
        while True:
            some = False
            for port in range(first, first + BLOCK):
                if _is_free(port):
                    some = True
                    yield port
            if not some:
                raise RuntimeError(f"no port from {first} to {first + BLOCK} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed just now is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
