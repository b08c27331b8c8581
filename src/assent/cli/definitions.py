"""What the commands of every kind of definition share: apps, people, roles, providers, delegations.

Owns where a definition comes from (a file, or options) and how an import is told. What a definition may hold is the
business of `actions`.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from assent.cli.input import read_document
from assent.cli.output import say, show_json

if TYPE_CHECKING:
    from assent.actions.imports import Imported

File = Annotated[
    str | None, typer.Option(metavar="FILE", help="A definition as JSON; - reads standard input.")
]
"""The option that stands for all others of a command that takes a definition."""


NOT_BOTH: Final = "give the definition by --file or by options, not by both"


def list_file(name: str) -> Any:
    """The argument of an import: a file with the list of this name."""
    return typer.Argument(help=f'{{"{name}": [ … ]}}; - reads standard input.')


def said(**members: Any) -> dict[str, Any]:
    """What options say, as members of a definition: those that are None were not given."""
    return {member: value for member, value in members.items() if value is not None}


def read_definition(file: str | None, named: dict[str, Any]) -> Any:
    """The definition in the file, or without one what the options name.

    Raises `typer.BadParameter` when both say something, and `Refused`.
    """
    if file is None:
        return named
    if named:
        raise typer.BadParameter(NOT_BOTH)
    return read_document(file)


def read_changes(file: str | None, named: dict[str, Any]) -> Any:
    """As `read_definition`, of an edit, which has to name something."""
    document = read_definition(file, named)
    if document == {}:
        raise typer.BadParameter("name what to change, or give a definition with --file")
    return document


def show_imported(done: "Imported", *, as_json: bool, **more: tuple[str, ...]) -> None:
    """What an import did: as JSON the names, `more` among them, else how many."""
    if as_json:
        names = {"added": done.added, "replaced": done.replaced, "unchanged": done.unchanged, **more}
        show_json({kind: list(those) for kind, those in names.items()})
    else:
        say(f"{len(done.added)} added, {len(done.replaced)} replaced, {len(done.unchanged)} unchanged")
