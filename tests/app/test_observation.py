"""Logs as operators get them: JSON lines where a program reads, text where a person does."""

import json
import os
import pty
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from assent.app.observation import configure_logs
log = configure_logs(sys.argv[1], sys.argv[2])
log.debug("too.little")
log.info("token.issued", client_id="app")
log.warning("page.slow", seconds=2)
"""


def said_to_a_program(form: str, level: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, form, level], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def said_on_a_terminal(form: str) -> str:
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", SCRIPT, form, "info"], stderr=theirs, check=True)
        return os.read(ours, 10_000).decode()
    finally:
        os.close(theirs)
        os.close(ours)


@pytest.mark.parametrize("form", ["auto", "json"])
def test_a_program_reads_one_json_object_a_line(form: str) -> None:
    lines = [json.loads(line) for line in said_to_a_program(form, "info")]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("token.issued", "info"),
        ("page.slow", "warning"),
    ]
    assert lines[0]["client_id"] == "app"
    assert lines[0]["timestamp"].endswith("Z")
    assert list(lines[0]) == ["client_id", "event", "level", "timestamp"]


def test_a_person_at_a_terminal_reads_text() -> None:
    said = said_on_a_terminal("auto")
    assert "token.issued" in said
    assert '"event"' not in said
    assert '"event":"token.issued"' in said_on_a_terminal("json")


def test_less_than_the_level_is_not_logged() -> None:
    assert [json.loads(line)["event"] for line in said_to_a_program("json", "warning")] == ["page.slow"]
