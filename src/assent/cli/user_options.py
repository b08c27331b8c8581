"""What options of `assent user add` and `assent user edit` say of a person."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from assent.cli.definitions import said
from assent.cli.permissions import read_permission_options


@dataclass(frozen=True, slots=True)
class UserOptions:
    """Each of them one field of a person's definition."""

    given_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The given name.")] = None
    family_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The family name.")] = None
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The e-mail address.")] = None
    locale: Annotated[str | None, typer.Option(metavar="TAG", help="A language tag, such as de-CH.")] = None
    fhir_user: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Who this is on the FHIR server: Patient/123.")
    ] = None
    must_change_password: Annotated[
        bool | None,
        typer.Option(
            "--must-change-password/--keep-password",
            help="Whether the password is good for choosing another one only.",
            show_default=False,
        ),
    ] = None
    permission: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=ARGUMENT]",
            help="Such as FHIR_ALL_READ; several times, for all that she is to have.",
        ),
    ] = None
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="A role; several times, for all that she is to hold."),
    ] = None
    represents: Annotated[
        list[str] | None,
        typer.Option(metavar="PATIENT", help="A patient; several times, for all whom she may act for."),
    ] = None

    def members(self) -> dict[str, Any]:
        """What they say, as members of a definition."""
        return said(
            given_name=self.given_name,
            family_name=self.family_name,
            email=self.email,
            locale=self.locale,
            fhir_user=self.fhir_user,
            must_change_password=self.must_change_password,
            permissions=read_permission_options(self.permission),
            roles=self.role,
            represents=self.represents,
        )
