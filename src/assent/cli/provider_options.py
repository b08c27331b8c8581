"""What options of `assent provider add` and `assent provider edit` say of a provider."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from assent.cli.definitions import said
from assent.cli.input import read_line


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """Each of them one field of a provider's definition."""

    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What people know it by.")] = None
    issuer: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Its issuer, whose discovery document says the rest."),
    ] = None
    client_id: Annotated[str | None, typer.Option(help="Our client_id there.")] = None
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read our client_secret there from standard input.")
    ] = False
    auth_method: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            help="none, client_secret_basic, client_secret_post, or private_key_jwt (signed with our own keys).",
        ),
    ] = None
    scope: Annotated[
        str | None, typer.Option(metavar="SCOPES", help="What is asked for; openid profile email.")
    ] = None
    permission_rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="'group => PERMISSION' or '* => PERMISSION:argument'; several times."
        ),
    ] = None

    def members(self) -> dict[str, Any]:
        """What they say, as members of a definition; the secret is read now."""
        return said(
            title=self.title,
            issuer=self.issuer,
            client_id=self.client_id,
            token_endpoint_auth_method=self.auth_method,
            scope=self.scope,
            permission_rules=self.permission_rule,
            client_secret=_secret() if self.secret_stdin else None,
        )


def _secret() -> str:
    secret = read_line()
    if not secret:
        raise typer.BadParameter("standard input holds no secret", param_hint="--secret-stdin")
    return secret
