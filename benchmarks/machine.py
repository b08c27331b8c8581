"""Which processor does what, and what a process has used of it (Linux)."""

import os
import platform
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Processors:
    """The server under test has the last processor alone; everything else shares the first.

    With one processor only, nothing can be kept apart, and `is_apart` says so.
    """

    def __init__(self) -> None:
        available = sorted(os.sched_getaffinity(0))
        self.is_apart = len(available) > 1
        self.others, self.server = {available[0]}, {available[-1]}

    def pin(self, process_id: int) -> None:
        """Keeps a process and its children, all that there will be and all that there are, off the server's."""
        os.sched_setaffinity(process_id, self.others)
        for child in _children(process_id):
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setaffinity(child, self.others)

    def pin_server(self) -> None:
        """Run in the child, before it becomes the server."""
        os.sched_setaffinity(0, self.server)


def describe() -> str:
    """The machine in a line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} processors, {model}; {platform.python_implementation()} {platform.python_version()}"


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def cpu_seconds(process_id: int) -> float:
    """What a process has had of a processor, in user and system mode, all its threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(process_id: int) -> float:
    """The memory that a process holds (RSS)."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process_id)


def _children(process_id: int) -> list[int]:
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return [int(word) for word in text.split()]
