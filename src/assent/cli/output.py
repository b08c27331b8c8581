"""How commands show things: tables and words on a terminal, JSON for programs, complaints on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""The option that every command has."""

_PIPE_WIDTH: Final = 240


def example(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def say(text: str) -> None:
    """A line on standard output."""
    typer.echo(text)


def remark(text: str) -> None:
    """A line for people only, on standard error, so that standard output stays the command's result."""
    typer.echo(text, err=True)


def complain(mistakes: Sequence[str]) -> None:
    """Why it was not done, a line each."""
    for mistake in mistakes:
        typer.echo(f"assent: {printable(mistake)}", err=True)


def show_json(value: Any) -> None:
    """A JSON value."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_list(
    name: str, things: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool
) -> None:
    """Things as a table with these columns (member: heading), or as `{name: [ … ]}`."""
    if as_json:
        show_json({name: list(things)})
        return
    from rich.console import Console
    from rich.table import Table

    if not things:
        say(f"no {name}")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for thing in things:
        table.add_row(*(_cell(member, thing.get(member)) for member in columns))
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False, markup=False)
    console.print(table)


def show_thing(thing: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing, a line a member, or its JSON object."""
    if as_json:
        show_json(thing)
        return
    width = max((len(member) for member in thing), default=0)
    for member, value in thing.items():
        rows = value if isinstance(value, list) and value else [value]
        say(f"{member:<{width}}  {_cell(member, rows[0])}")
        for row in rows[1:]:
            say(f"{'':<{width}}  {_cell(member, row)}")


def show_done(thing: Mapping[str, Any], words: str, *, as_json: bool) -> None:
    """What was done, in words, or as JSON the thing to which it was done."""
    if as_json:
        show_json(thing)
    else:
        say(words)


def moment(at: int) -> str:
    """An instant as people read it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def printable(text: str) -> str:
    """The text without anything that a terminal would take for a command."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _cell(member: str, value: Any) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and (member.endswith("_at") or member == "at"):
        return moment(value) if value else "-"
    if isinstance(value, list):
        return ", ".join(_cell(member, one) for one in value)
    if isinstance(value, dict):
        return printable(json.dumps(value, ensure_ascii=False))
    return printable(str(value))
