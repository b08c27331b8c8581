"""`docs/reference/commands.md`: every command, from its own `--help`."""

import inspect
import re
from typing import Any

from typer.main import get_command

from assent.cli.commands import app

INTRODUCTION = """\
# Commands

Generated from the code by `make docs`; `assent … --help` prints the same.

`--config FILE` before the command names the installation (default `$ASSENT_CONFIG`, then `./assent.toml`),
`--issuer ID` one of its issuers. With `--json` a command prints JSON: a list as `{"clients": [ … ]}`, one thing as its
object.

Exit status: 0 done, 1 refused (standard error says why, a line for each reason), 2 misused.
"""


def render() -> str:
    """The page: a section for each command."""
    return INTRODUCTION + "".join(_section(path, command) for path, command in every_command())


def every_command() -> list[tuple[str, Any]]:
    """Every command with its full name, groups' members after each other."""
    return _below("assent", get_command(app))


def _below(path: str, command: Any) -> list[tuple[str, Any]]:
    members = getattr(command, "commands", None)
    if members is None:
        return [(path, command)]
    return [found for name, member in members.items() for found in _below(f"{path} {name}", member)]


def _section(path: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join([path, *(_argument(one) for one in arguments), "[OPTIONS]"])
    lines = ["", f"## `{path}`", "", inspect.cleandoc(command.help or ""), "", f"    {usage}", ""]
    rows = [(f"`{one.name.upper()}`", one.help) for one in arguments]
    rows += [(_option(one), one.help) for one in options]
    if rows:
        lines += ["| | |", "| --- | --- |"]
        lines += [f"| {name} | {(words or '').replace('|', chr(92) + '|')} |" for name, words in rows]
    lines += ["", *_example(command.epilog or "")]
    return "\n".join(lines)


def _argument(argument: Any) -> str:
    name = argument.name.upper()
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag or not option.metavar else f"{names} {option.metavar}"


def _example(epilog: str) -> list[str]:
    """The example of a command's help, as code."""
    lines = re.sub(r"^\x08\nExample:\n", "", epilog).splitlines()
    return ["```console", *(line.removeprefix("  ") for line in lines), "```", ""]
