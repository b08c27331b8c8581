"""A line of the log, for programs and for people."""

import json
import re
from typing import Any

import pytest

from assent.app.log_lines import json_line, text_line

TOLD = {
    "public_url": "https://a.example",
    "host": "::1",
    "event": "listening",
    "level": "info",
    "timestamp": "2026-01-02T03:04:05.678901Z",
}


def read(line: str) -> str:
    """The text without its colours."""
    return re.sub(r"\x1b\[\d+m", "", line)


def test_people_read_when_how_grave_what_and_the_fields_by_name() -> None:
    assert read(text_line(TOLD)) == (
        "2026-01-02T03:04:05.678901Z [info     ] listening                      host=::1 public_url=https://a.example"
    )


@pytest.mark.parametrize("value", ["two words", "a=b", 'a"b', "it's", "a\nb", "a\x1b[2Jb", "a\tb"])
def test_a_value_that_would_look_like_something_else_is_quoted(value: str) -> None:
    assert read(text_line({**TOLD, "value": value})).endswith(f" value={value!r}")


@pytest.mark.parametrize("value", [None, 3, ("a", "b")])
def test_what_is_no_text_is_shown_as_it_is(value: Any) -> None:
    assert read(text_line({**TOLD, "value": value})).endswith(f" value={value!r}")


def test_what_was_raised_follows_on_lines_of_its_own() -> None:
    lines = read(text_line({**TOLD, "level": "error", "exception": "Traceback\nValueError: 3"})).splitlines()
    assert "exception" not in lines[0]
    assert lines[1:] == ["Traceback", "ValueError: 3"]


def test_a_program_reads_one_line_whatever_a_field_holds() -> None:
    line = json_line({**TOLD, "exception": "Traceback\nValueError: 3", "kind": ValueError, "none": None})
    assert "\n" not in line
    told = json.loads(line)
    assert told == {**TOLD, "exception": "Traceback\nValueError: 3", "kind": repr(ValueError), "none": None}
    assert list(told) == [*TOLD, "exception", "kind", "none"]
