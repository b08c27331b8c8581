"""`assent role …`: permissions under a name, for people and apps to hold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.definitions import File, list_file, read_changes, read_definition, said, show_imported
from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer
from assent.cli.options import taking
from assent.cli.output import AsJson, example, show_done, show_json, show_list, show_thing
from assent.cli.permissions import read_permission_options, remark_idle

if TYPE_CHECKING:
    from assent.actions.permissions.roles import RoleHolders
    from assent.records.roles import Role

app = typer.Typer(
    help="Manage roles: permissions that many people and apps hold under one name.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="The role's name.")]


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """What options say of a role."""

    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What administrators read.")] = None
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None
    permission: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=ARGUMENT]", help="Such as FHIR_ALL_READ; may be given several times."),
    ] = None

    def members(self) -> dict[str, Any]:
        """What they say, as members of a definition."""
        return said(
            title=self.title,
            description=self.description,
            permissions=read_permission_options(self.permission),
        )


@app.command(
    "add",
    epilog=example(
        "assent role add nurse --title Nurse --permission FHIR_ALL_READ \\",
        "    --permission FHIR_WRITE_ALL_OF_TYPE=Observation",
        "assent role add --file nurse.json",
    ),
)
@taking(RoleOptions)
def add(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A name such as nurse.")] = None,
    *,
    options: RoleOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Add a role, by options or by a definition."""
    from assent.actions.permissions.roles import add_role

    if file is None and name is None:
        raise typer.BadParameter("name the role, or give a definition with --file")
    document = read_definition(file, said(name=name) | options.members())
    role = on_issuer(context, lambda opened: add_role(opened.server, document, actor=opened.actor))
    show_thing(_shown(role), as_json=as_json)


@app.command("list", epilog=example("assent role list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the roles."""
    from assent.actions.permissions.roles import list_roles

    roles = on_issuer(context, lambda opened: list_roles(opened.server))
    columns = {"name": "name", "title": "title", "description": "description", "permissions": "permissions"}
    show_list("roles", [_shown(role) for role in roles], columns, as_json=as_json)


@app.command("show", epilog=example("assent role show nurse"))
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show a role's definition, and who holds it."""
    from assent.actions.permissions.roles import find_holders, get_role

    async def run(opened: Opened) -> "tuple[Role, RoleHolders]":
        return await get_role(opened.server, name), await find_holders(opened.server, name)

    role, holders = on_issuer(context, run)
    held_by = {"users": list(holders.users), "clients": list(holders.clients)}
    show_thing({**_shown(role), "held_by": held_by}, as_json=as_json)
    remark_idle(role.permissions)


@app.command(
    "edit",
    epilog=example(
        "assent role edit nurse --permission FHIR_ALL_READ",
        """echo '{"description": null}' | assent role edit nurse --file -""",
    ),
)
@taking(RoleOptions)
def edit(
    context: typer.Context,
    name: Name,
    *,
    options: RoleOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others. It holds for the next request of its holders."""
    from assent.actions.permissions.roles import edit_role

    document = read_changes(file, options.members())
    role = on_issuer(context, lambda opened: edit_role(opened.server, name, document, actor=opened.actor))
    show_thing(_shown(role), as_json=as_json)


@app.command("remove", epilog=example("assent role remove nurse"))
def remove(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Remove a role that nobody holds; who does is named otherwise."""
    from assent.actions.permissions.roles import remove_role

    role = on_issuer(context, lambda opened: remove_role(opened.server, name, actor=opened.actor))
    show_done(_shown(role), f"{role.name} is removed", as_json=as_json)


@app.command("import", epilog=example("assent role import roles.json", "assent role import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, list_file("roles")],
    as_json: AsJson = False,
) -> None:
    """Add or replace roles by name, all or none of them."""
    from assent.actions.permissions.roles import import_roles

    document = read_document(file)
    done = on_issuer(context, lambda opened: import_roles(opened.server, document, actor=opened.actor))
    show_imported(done, as_json=as_json)


@app.command("export", epilog=example("assent role export > roles.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every role's definition as JSON, as import reads it."""
    from assent.actions.permissions.roles import export_roles

    show_json(on_issuer(context, lambda opened: export_roles(opened.server)))


def _shown(role: "Role") -> dict[str, Any]:
    from assent.actions.permissions.role_definition import role_definition

    return role_definition(role)
