"""`assent`: the options before every command, and the list of commands."""

from pathlib import Path
from typing import Annotated

import typer

from assent import __version__
from assent.cli import (
    audit,
    client,
    delegation,
    key,
    provider,
    role,
    scope,
    serve,
    session,
    setup,
    skin,
    token,
    user,
)
from assent.cli.installation import DEFAULT_ISSUER, Target
from assent.cli.output import say

app = typer.Typer(
    help="Assent: a SMART on FHIR authorization server and gateway.",
    epilog="A first look: assent demo. An installation of your own: assent init.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        say(f"assent {__version__}")
        raise typer.Exit


@app.callback()
def _target(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            envvar="ASSENT_CONFIG", metavar="FILE", help="The installation's configuration.", show_envvar=True
        ),
    ] = Path("assent.toml"),
    issuer: Annotated[
        str, typer.Option(metavar="ID", help="Which of its issuers the command is about.")
    ] = DEFAULT_ISSUER,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    context.obj = Target(config, issuer)


for group in (setup.app, serve.app):
    app.add_typer(group)
for name, group in (
    ("client", client.app),
    ("user", user.app),
    ("role", role.app),
    ("delegation", delegation.app),
    ("provider", provider.app),
    ("key", key.app),
    ("session", session.app),
    ("audit", audit.app),
    ("scope", scope.app),
    ("token", token.app),
    ("skin", skin.app),
):
    app.add_typer(group, name=name)
