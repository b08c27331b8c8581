"""What commands read: files, standard input, passwords. Secrets never come from the command line's arguments."""

import sys
from pathlib import Path
from typing import Any

import typer


def read_document(file: str) -> Any:
    """The JSON of a file, or of standard input for `-`. Raises `Refused`."""
    from assent.actions.documents import read_json
    from assent.actions.refusals import Refused

    if file == "-":
        return read_json(sys.stdin.buffer.read())
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise Refused([f"{file} cannot be read: {error.strerror}"]) from error
    return read_json(content)


def read_line() -> str:
    """The first line of standard input, without its end. Raises `Refused` when it is no text."""
    from assent.actions.refusals import Refused

    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Refused(["standard input is not UTF-8"]) from error


def read_password(*, from_stdin: bool) -> str:
    """A password: the first line of standard input, or asked for twice on the terminal."""
    if from_stdin:
        password = read_line()
        if not password:
            raise typer.BadParameter("standard input holds no password", param_hint="--password-stdin")
        return password
    if not _is_terminal():
        raise typer.BadParameter(
            "there is no terminal to ask for a password on: use --password-stdin, or --no-password"
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def confirm(question: str) -> None:
    """Goes on when somebody at the terminal says so; ends the command with status 1 otherwise."""
    if not _is_terminal():
        raise typer.BadParameter("there is no terminal to ask on: say --yes if it is meant")
    if not typer.confirm(question):
        raise typer.Exit(1)


def read_instant(text: str) -> int:
    """An instant: epoch seconds, a date, a date and time (UTC where no zone is said), or `7d`, `12h`, `30m` from now.

    Raises `typer.BadParameter`.
    """
    import time

    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text.isdigit():
        return int(text)
    if text[:-1].isdigit() and text[-1] in units:
        return int(time.time()) + int(text[:-1]) * units[text[-1]]
    return _read_date(text)


def read_past_instant(text: str) -> int:
    """As `read_instant`; `7d`, `12h` and `30m` are counted back from now."""
    import time

    is_span = text[:-1].isdigit() and not text.isdigit()
    return 2 * int(time.time()) - read_instant(text) if is_span else read_instant(text)


def _read_date(text: str) -> int:
    from datetime import UTC, datetime

    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no instant such as 2026-12-31, 7d or 1798675200") from error
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
