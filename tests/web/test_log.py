"""Events are written with their fields, from the level on that was asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from assent.web.log import Level, Log


@pytest.fixture
def written() -> list[dict[str, Any]]:
    return []


def test_an_event_has_its_fields_first_and_says_when_and_how_grave(written: list[dict[str, Any]]) -> None:
    before = datetime.now(UTC)
    Log(written.append).warning("page.slow", seconds=2)
    [told] = written
    assert list(told) == ["seconds", "event", "level", "timestamp"]
    assert (told["seconds"], told["event"], told["level"]) == (2, "page.slow", "warning")
    assert told["timestamp"].endswith("Z")
    assert before <= datetime.fromisoformat(told["timestamp"]) <= datetime.now(UTC)


def test_a_bound_field_is_said_with_every_event_of_that_log_alone(written: list[dict[str, Any]]) -> None:
    log = Log(written.append)
    bound = log.bind(issuer="a")
    bound.info("one", client_id="app")
    bound.bind(node=1).error("two", issuer="b")
    log.info("three")
    assert [{name: value for name, value in told.items() if name != "timestamp"} for told in written] == [
        {"issuer": "a", "client_id": "app", "event": "one", "level": "info"},
        {"issuer": "b", "node": 1, "event": "two", "level": "error"},
        {"event": "three", "level": "info"},
    ]


@pytest.mark.parametrize(
    ("least", "events"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_is_less_grave_than_asked_for_is_not_written(
    written: list[dict[str, Any]], least: Level, events: list[Level]
) -> None:
    log = Log(written.append, least)
    log.debug("debug")
    log.info("info")
    log.warning("warning")
    log.error("error")
    assert [told["event"] for told in written] == events
    assert [told["level"] for told in written] == events
    assert [level for level in ("debug", "info", "warning", "error") if log.takes(level)] == events


def test_what_was_raised_is_written_with_its_way_and_its_cause(written: list[dict[str, Any]]) -> None:
    def fail() -> None:
        try:
            int("first")
        except ValueError as error:
            raise KeyError("second") from error

    try:
        fail()
    except KeyError as error:
        Log(written.append).error("request_failed", exc_info=error, path="/x")
    [told] = written
    assert list(told) == ["path", "event", "level", "timestamp", "exception"]
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert "'first'" in told["exception"]
    assert ", in fail\n" in told["exception"]
    assert told["exception"].endswith("\nKeyError: 'second'")
