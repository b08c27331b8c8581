"""`scripts/services.py`: what `make test` starts, it stops, however the tests end."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-m", "scripts.services", "run", "--"]
TELL = "import os, sys; print(os.environ['ASSENT_TEST_POSTGRES'], flush=True); "

pytestmark = pytest.mark.postgres


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's user may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """An environment in which no PostgreSQL runs yet, and whose temporary files are in `folder`."""
    bare = {name: value for name, value in os.environ.items() if name != "ASSENT_TEST_POSTGRES"}
    return bare | {"TMPDIR": str(folder)}


@pytest.mark.parametrize("status", [0, 5])
def test_the_commands_exit_status_is_passed_on_and_nothing_stays(
    environment: dict[str, str], folder: Path, status: int
) -> None:
    done = subprocess.run(
        [*RUN, sys.executable, "-c", f"{TELL} sys.exit({status})"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith("postgresql://postgres:")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_stops_its_services(
    environment: dict[str, str], folder: Path, number: signal.Signals
) -> None:
    waits = f"{TELL} sys.stdin.read()"
    with subprocess.Popen(
        [*RUN, sys.executable, "-c", waits],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # what a shell starts in the background ignores Ctrl-C, and so would all that it starts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith(b"postgresql://")
        os.killpg(run.pid, number)  # as a terminal's Ctrl-C does: the whole foreground group
        assert run.wait(timeout=120) != 0
    assert list(folder.iterdir()) == []
