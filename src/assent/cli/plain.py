"""Command lines that start what serves, read without typer: to load it, and every command, takes a third of a start.

Only what is written plainly: `assent [--config FILE] serve [--host ADDRESS] [--port PORT] [--json]`, `gateway` with the
same, `demo [--port PORT] [--folder DIR] [--no-browser]`. Everything else, mistakes and `--help` among it, is typer's to
read and to tell of (`commands`); what both can read means the same to both.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from assent.cli.serving import Demo, Gateway, Serve


class _NotPlain(Exception):
    """Typer has to read this."""


def read_plain(words: Sequence[str]) -> Serve | Gateway | Demo | None:
    """What is to be run; None: typer has to read the command line."""
    plain: Serve | Gateway | Demo
    try:
        before, rest = _read_options(words, _BEFORE)
        match rest:
            case ["serve" | "gateway" as command, *options]:
                given, rest = _read_options(options, _LISTENING)
                config = before.get("config") or Path(os.environ.get("ASSENT_CONFIG") or "assent.toml")
                plain = (Serve if command == "serve" else Gateway)(config, **given)
            case ["demo", *options]:
                given, rest = _read_options(options, _DEMO)
                plain = Demo(**given)
            case _:
                return None
    except _NotPlain:
        return None
    return None if rest else plain


def _read_port(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and 1 <= int(word) <= 65535):
        raise _NotPlain
    return int(word)


_Options = Mapping[str, tuple[str, Callable[[str], Any] | bool]]
"""Each option's member, and how its value is read; of an option without a value, what it means."""

_PORT: Final[_Options] = {"--port": ("port", _read_port)}
_BEFORE: Final[_Options] = {"--config": ("config", Path), "--issuer": ("issuer", str)}
_LISTENING: Final[_Options] = {**_PORT, "--host": ("host", str), "--json": ("as_json", True)}
_DEMO: Final[_Options] = {**_PORT, "--folder": ("folder", Path), "--no-browser": ("browser", False)}


def _read_options(words: Sequence[str], options: _Options) -> tuple[dict[str, Any], Sequence[str]]:
    """The members that the options at the beginning give, and the words after them. Raises `_NotPlain`."""
    given: dict[str, Any] = {}
    rest = [*words]
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option not in options:
            raise _NotPlain
        member, meaning = options[option]
        if isinstance(meaning, bool):
            if equals:
                raise _NotPlain
            given[member] = meaning
            continue
        if not equals:
            if not rest or rest[0].startswith("-"):
                raise _NotPlain
            value = rest.pop(0)
        given[member] = meaning(value)
    return given, rest
