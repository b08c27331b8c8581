"""What options of `assent client add` and `assent client edit` say of an app."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from assent.cli.definitions import said
from assent.cli.input import read_document
from assent.cli.permissions import read_permission_options


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Each of them one field of an app's definition."""

    name: Annotated[str | None, typer.Option(metavar="TEXT", help="The name that people see.")] = None
    redirect_uri: Annotated[
        list[str] | None, typer.Option(metavar="URI", help="May be given several times.")
    ] = None
    launch_uri: Annotated[
        list[str] | None, typer.Option(metavar="URI", help="May be given several times.")
    ] = None
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPES", help="Scopes it may have; several, or several times."),
    ] = None
    grant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GRANT", help="authorization_code, refresh_token, client_credentials; several times."
        ),
    ] = None
    auth_method: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            help="none (public), client_secret_basic, client_secret_post or private_key_jwt.",
        ),
    ] = None
    jwks: Annotated[
        str | None, typer.Option(metavar="FILE", help="Its public keys, for private_key_jwt.")
    ] = None
    jwks_uri: Annotated[str | None, typer.Option(metavar="URI", help="Where its public keys are.")] = None
    permission: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=ARGUMENT]",
            help="What it may do on its own, such as FHIR_ALL_READ; several times.",
        ),
    ] = None
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="A role that it holds on its own; several times."),
    ] = None

    def members(self) -> dict[str, Any]:
        """What they say, as members of a definition; the file of keys is read now. Raises `Refused`."""
        return said(
            client_name=self.name,
            redirect_uris=self.redirect_uri,
            launch_uris=self.launch_uri,
            scope=" ".join(self.scope) if self.scope else None,
            grant_types=self.grant,
            token_endpoint_auth_method=self.auth_method,
            jwks=read_document(self.jwks) if self.jwks else None,
            jwks_uri=self.jwks_uri,
            permissions=read_permission_options(self.permission),
            roles=self.role,
        )
