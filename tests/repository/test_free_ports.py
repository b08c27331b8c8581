"""`scripts/free_ports.py`: two programs are never told the same port."""

import socket
import subprocess
import sys
from pathlib import Path

from scripts.free_ports import BLOCK, FIRST, free_port

ROOT = Path(__file__).resolve().parents[2]
TELL = "from scripts.free_ports import free_port; print(free_port(), flush=True); input()"


def test_no_port_is_given_twice_and_none_that_somebody_listens_on() -> None:
    assert len({free_port() for _ in range(20)}) == 20
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert taken.getsockname()[1] not in {free_port() for _ in range(2 * BLOCK)}


def test_another_process_gets_ports_of_its_own_for_as_long_as_it_lives() -> None:
    command = [sys.executable, "-c", TELL]
    with (
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as two,
    ):
        given = [int(each.stdout.readline()) for each in (one, two) if each.stdout is not None]
        assert len({port - (port - FIRST) % BLOCK for port in [*given, free_port()]}) == 3
        for each in (one, two):
            each.communicate("\n")
