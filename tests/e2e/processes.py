"""The `assent` command as a process that listens: started, killed, stopped, started again on the same port."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ASSENT = str(Path(sys.executable).with_name("assent"))
START_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass
class ServerProcess:
    """`assent ARGUMENTS…`, which listens on `port`; what it says goes to `log`."""

    arguments: Sequence[str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The origin that it listens at."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Starts it; returns when it answers."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [ASSENT, *self.arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"assent {' '.join(self.arguments)} did not start:\n{self.said()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """`kill -9`: nothing is finished. One that is gone already is no error."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def terminate(self) -> None:
        """SIGTERM; does not wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        self.terminate()
        assert self.process is not None
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def said(self) -> str:
        """Everything that it wrote."""
        return self.log.read_text(encoding="utf-8")


def run_assent(config: Path, *arguments: str, said: str | None = None) -> str:
    """A command that ends; what it printed. `said` is its standard input."""
    done = subprocess.run(
        [ASSENT, "--config", str(config), *arguments], input=said, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"assent {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout
