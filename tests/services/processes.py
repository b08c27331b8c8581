"""Programs of the tests that run beside them: told what to do by a line of JSON, they say where they listen."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def listening(command: Sequence[str], told: dict[str, Any]) -> Iterator[str | None]:
    """The port that the program says it listens on; None when it ended without. It ends with its standard input."""
    program = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            program.stdin.write(json.dumps(told) + "\n")
            program.stdin.flush()
            lines = (line for line in program.stdout if line.startswith("listening"))
            yield next((line.split()[1] for line in lines), None)
        finally:
            program.stdin.close()
            try:
                program.wait(timeout=30)
            except subprocess.TimeoutExpired:
                program.kill()
