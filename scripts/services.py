"""The real services that tests run against: a PostgreSQL cluster of their own, and Debian's Chromium.

    python -m scripts.services run -- COMMAND…   starts them, runs COMMAND, stops them however it ends
    python -m scripts.services start | stop      the same by hand, for working with pytest
    python -m scripts.services env               what `start` started, as lines for a shell's `eval`

Tests find them in two environment variables: `ASSENT_TEST_POSTGRES`, a superuser's DSN on loopback, and
`ASSENT_TEST_CHROMIUM`, the browser's program. A variable that is set already is left as it is, so that the
tests can be run on another PostgreSQL. What `start` left running is remembered in `.services/state.json`.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from scripts.postgres import Cluster, start_cluster, stop_cluster

STATE = Path(__file__).resolve().parent.parent / ".services" / "state.json"
POSTGRES = "ASSENT_TEST_POSTGRES"
CHROMIUM = "ASSENT_TEST_CHROMIUM"


def running() -> dict[str, str]:
    """The variables of what `start` left running; empty when nothing is."""
    cluster = _remembered()
    return _variables(cluster) if cluster and cluster.is_running() else {}


def start() -> None:
    """Start the services and leave them running; those of an earlier `start` are kept when they still run."""
    if running():
        return
    stop()
    STATE.parent.mkdir(mode=0o700, exist_ok=True)  # the DSN has a password in it
    STATE.write_text(json.dumps(asdict(start_cluster())))


def stop() -> None:
    """Stop what `start` left running and remove its folder; nothing to stop is no error."""
    cluster = _remembered()
    if cluster:
        stop_cluster(cluster)
        STATE.unlink()


def run(command: list[str]) -> int:
    """Run a command with the services, and stop them however it ends; its exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    with _services() as variables:
        child = subprocess.Popen(command, env=os.environ | variables)
        # Ctrl-C reaches the command too, which ends in its own way; we wait for that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            status = child.wait()
        finally:
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            child.terminate()
            child.wait()
    return 128 - status if status < 0 else status


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _services() -> Iterator[dict[str, str]]:
    if POSTGRES in os.environ:
        yield _variables(None)
        return
    cluster = start_cluster()
    try:
        yield _variables(cluster)
    finally:
        stop_cluster(cluster)


def _variables(cluster: Cluster | None) -> dict[str, str]:
    found = {POSTGRES: cluster.dsn} if cluster else {}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium and CHROMIUM not in os.environ:
        found[CHROMIUM] = chromium
    return found


def _remembered() -> Cluster | None:
    return Cluster(**json.loads(STATE.read_text())) if STATE.exists() else None


def main() -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.services", description=__doc__.split("\n\n", 1)[0]
    )
    parser.add_argument("verb", choices=["run", "start", "stop", "env"])
    parser.add_argument("command", nargs=argparse.REMAINDER, help="of `run`: -- COMMAND ARGUMENTS…")
    asked = parser.parse_args()
    match asked.verb:
        case "run":
            return run(asked.command[1:] if asked.command[:1] == ["--"] else asked.command)
        case "start":
            start()
            print("PostgreSQL runs; pytest finds it by itself. `make services-stop` stops it.")
        case "stop":
            stop()
        case "env":
            for name, value in running().items():
                print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
