"""The supervisor of several processes, as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest

STEADY = """
import os, signal, time
from assent.app.serving.workers import supervise

def work():
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(600)

supervise(2, work)
"""
BROKEN = """
from assent.app.serving.workers import supervise

def work():
    raise OSError("cannot listen")

supervise(2, work)
"""


@pytest.fixture
def supervisor() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", STEADY], stdout=subprocess.PIPE)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def next_worker(process: subprocess.Popen[bytes]) -> int:
    output: IO[bytes] | None = process.stdout
    assert output is not None
    return int(output.readline())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_was_killed_is_started_anew(supervisor: subprocess.Popen[bytes]) -> None:
    first, second = next_worker(supervisor), next_worker(supervisor)
    os.kill(first, signal.SIGTERM)
    assert next_worker(supervisor) not in (first, second)


def test_ending_the_supervisor_ends_every_worker_with_0(supervisor: subprocess.Popen[bytes]) -> None:
    workers = [next_worker(supervisor), next_worker(supervisor)]
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    assert not any(is_running(pid) for pid in workers)


def test_workers_do_not_outlive_a_supervisor_that_was_killed(supervisor: subprocess.Popen[bytes]) -> None:
    next_worker(supervisor)
    next_worker(supervisor)
    supervisor.kill()
    output = supervisor.stdout
    assert output is not None
    assert output.read() == b""  # the end of the pipe: nobody holds it any more


def test_workers_that_cannot_begin_end_all_with_their_reason() -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot listen" in done.stderr
