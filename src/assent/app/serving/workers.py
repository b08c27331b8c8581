"""Several processes that do the same, and one that looks after them: it starts anew what died, and ends all together.

The supervisor does nothing else, so that nothing of it is in a half-made state when it forks again.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

SHORT_SECONDS: Final = 1.0
KILL_SECONDS: Final = 9.5
_PR_SET_PDEATHSIG: Final = 1
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class _Ending(Exception):
    """The supervisor was told to end."""


def supervise(workers: int, work: Callable[[], None]) -> None:
    """Runs `work` in `workers` processes until SIGTERM or SIGINT; then ends them, gently first, and comes back.

    A worker that cannot even begin (it fails within a second) ends all: SystemExit with its status.
    """
    started: dict[int, float] = {}
    for number in _ENDS:
        signal.signal(number, _end)
    try:
        while True:
            while len(started) < workers:
                _start(work, started)
            child, status = os.wait()
            lived = time.monotonic() - started.pop(child, 0.0)
            if status and lived < SHORT_SECONDS:
                raise SystemExit(abs(os.waitstatus_to_exitcode(status)))
    except _Ending:
        pass
    finally:
        _end_all(started)


def leave(_number: int, _frame: FrameType | None) -> None:
    """A signal's handler while there is nothing to finish: ends the process with 0."""
    raise SystemExit(0)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ending


def _start(work: Callable[[], None], started: dict[int, float]) -> None:
    """Forks and takes note of it, with no signal in between: a child that nobody knows would not be ended."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        started[_fork(work)] = time.monotonic()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _fork(work: Callable[[], None]) -> int:
    supervisor = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _work(work, supervisor)
    return child


def _work(work: Callable[[], None], supervisor: int) -> NoReturn:
    status = 1
    try:
        for number in _ENDS:
            signal.signal(number, leave)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        _end_with(supervisor)
        work()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0
    except Exception as error:
        sys.stderr.write(f"{error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end_with(supervisor: int) -> None:
    """Asks Linux for a SIGTERM when the supervisor is gone, however it went."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        os._exit(0)  # it went before it was asked for


def _end_all(started: dict[int, float]) -> None:
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)  # ending already
    for child in started:
        with suppress(ProcessLookupError):  # the signal to end came when it had just been waited for
            os.kill(child, signal.SIGTERM)
    deadline = time.monotonic() + KILL_SECONDS
    try:
        while started and time.monotonic() < deadline:
            child, _ = os.waitpid(-1, os.WNOHANG)
            started.pop(child, None)
            if child == 0:
                time.sleep(0.02)
    except ChildProcessError:
        return  # none is left
    for child in started:
        os.kill(child, signal.SIGKILL)
