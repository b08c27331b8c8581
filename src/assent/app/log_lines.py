"""What a line of the log looks like: JSON for programs, coloured text for people."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_COLOURS: Final = {"debug": "\x1b[32m", "info": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m"}
_DIM, _BOLD, _CYAN, _MAGENTA, _RESET = "\x1b[2m", "\x1b[1m", "\x1b[36m", "\x1b[35m", "\x1b[0m"
_QUOTED: Final = frozenset(" =\"'")

_JSON: Final = msgspec.json.Encoder(enc_hook=repr)


def json_line(told: Mapping[str, Any]) -> str:
    """One JSON object."""
    return _JSON.encode(told).decode()


def text_line(told: Mapping[str, Any]) -> str:
    """When, how grave, what, then the fields by name; what was raised follows on lines of its own."""
    fields = dict(told)
    at, level, event = fields.pop("timestamp"), fields.pop("level"), fields.pop("event")
    raised = fields.pop("exception", None)
    line = (
        f"{_DIM}{at}{_RESET} [{_COLOURS[level]}{_BOLD}{level:<9}{_RESET}] {_BOLD}{event:<30}{_RESET} "
        + " ".join(
            f"{_CYAN}{name}{_RESET}={_MAGENTA}{_shown(fields[name])}{_RESET}" for name in sorted(fields)
        )
    )
    return line if raised is None else f"{line}\n{raised}"


def _shown(value: Any) -> str:
    """A field's value, in quotes where it might be taken for more than one, or for a terminal's command."""
    if isinstance(value, str) and value.isprintable() and not _QUOTED.intersection(value):
        return value
    return repr(value)
