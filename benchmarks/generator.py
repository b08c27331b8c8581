"""Runs the load generator, a C program: one in Python would need more of a processor than the server it asks."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

SOURCE = Path(__file__).parent / "load" / "generator.c"
Mode = Literal["cycle", "once", "chain", "flow"]


class NoCompiler(Exception):
    """There is no C compiler; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: whole HTTP requests, and the values that take the place of @VALUE@ (see generator.c)."""

    mode: Mode
    requests: tuple[str, ...]
    values: tuple[str, ...] = ()


class Measured(msgspec.Struct, frozen=True):
    """What came of it. `all_operations` counts the warm-up's too; latencies are of whole operations."""

    operations: int
    all_operations: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    is_exhausted: bool
    first_error: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How long, and over how many connections."""

    seconds: float
    warm_up_seconds: float
    connections: int


def compile_generator() -> Path:
    """The program, compiled once for each version of its source. Raises `NoCompiler`."""
    mark = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assent-benchmarks"
    program = folder / f"generator-{mark}"
    if program.exists():
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler(
            "the load generator is a C program: install a compiler (apt-get install gcc libc6-dev)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{program.name}.{os.getpid()}"
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", str(draft), str(SOURCE)], check=True)
    draft.rename(program)
    return program


def run_load(program: Path, port: int, load: Load, pace: Pace) -> Measured:
    """Sends the load to 127.0.0.1 and gives what was measured. Raises CalledProcessError when that failed."""
    with tempfile.TemporaryDirectory(prefix="assent-load-") as folder:
        requests, values = Path(folder, "requests"), Path(folder, "values")
        requests.write_text("%%%%\n".join(load.requests), newline="")
        values.write_text("\n".join(load.values))
        command = [
            str(program),
            *("-p", str(port)),
            *("-c", str(pace.connections)),
            *("-s", str(pace.seconds)),
            *("-w", str(pace.warm_up_seconds)),
            *("-m", load.mode),
            *("-r", str(requests)),
            *("-v", str(values)),
        ]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=Measured)
