"""The log that every part writes to: named events with fields.

What a line looks like and where it goes is given by whoever opens the log (`app.log_lines`). Tokens, codes, secrets,
assertions, cookies and patient data never reach it.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

Level = Literal["debug", "info", "warning", "error"]

_WEIGHTS: Final[Mapping[Level, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}


@dataclass(frozen=True, slots=True)
class Log:
    """`write` gets each event that is at least as grave as `least`: its fields, then `event`, `level`, `timestamp`."""

    write: Callable[[dict[str, Any]], None]
    least: Level = "info"
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Said with every event."""

    def bind(self, **fields: Any) -> "Log":
        """The same log, which says these fields with every event."""
        return replace(self, fields={**self.fields, **fields})

    def takes(self, level: Level) -> bool:
        """Whether events of this level are written."""
        return _WEIGHTS[level] >= _WEIGHTS[self.least]

    def debug(self, event: str, **fields: Any) -> None:
        """What only somebody who looks for a fault wants to know."""
        self._tell("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """What happened, as it should."""
        self._tell("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """What did not go well, and needs nobody yet."""
        self._tell("warning", event, fields)

    def error(self, event: str, *, exc_info: BaseException | None = None, **fields: Any) -> None:
        """What somebody has to look at; `exc_info` is shown with the way it came."""
        self._tell("error", event, fields, exc_info)

    def _tell(
        self, level: Level, event: str, fields: dict[str, Any], exc_info: BaseException | None = None
    ) -> None:
        if not self.takes(level):
            return
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        told = {**self.fields, **fields, "event": event, "level": level, "timestamp": at}
        if exc_info is not None:
            told["exception"] = "".join(traceback.format_exception(exc_info)).removesuffix("\n")
        self.write(told)
