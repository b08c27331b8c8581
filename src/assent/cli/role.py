"""`assent role …`: permissions under a name, for people and apps to hold."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, say, show_json, show_list, show_thing
from assent.cli.permissions import read_permission_option, remark_idle

if TYPE_CHECKING:
    from assent.actions.roles import RoleHolders
    from assent.records.roles import Role

app = typer.Typer(
    help="Manage roles: permissions that many people and apps hold under one name.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="The role's name.")]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="What administrators read.")]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
Permissions = Annotated[
    list[str] | None,
    typer.Option(
        "--permission", metavar="NAME[=ARGUMENT]", help="Such as FHIR_ALL_READ; may be given several times."
    ),
]
File = Annotated[
    str | None, typer.Option(metavar="FILE", help="A definition as JSON; - reads standard input.")
]


@app.command(
    "add",
    epilog=example(
        "assent role add nurse --title Nurse --permission FHIR_ALL_READ \\",
        "    --permission FHIR_WRITE_ALL_OF_TYPE=Observation",
        "assent role add --file nurse.json",
    ),
)
def add(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A name such as nurse.")] = None,
    title: Title = None,
    description: Description = None,
    permission: Permissions = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Add a role, by options or by a definition."""
    from assent.actions.roles import add_role

    named = _definition(title, description, permission)
    if name is not None:
        named["name"] = name
    if file is None and name is None:
        raise typer.BadParameter("name the role, or give a definition with --file")
    document = _document(file, named)
    role = on_issuer(context, lambda opened: add_role(opened.server, document, actor=opened.actor))
    show_thing(_shown(role), as_json=as_json)


@app.command("list", epilog=example("assent role list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the roles."""
    from assent.actions.roles import list_roles

    roles = on_issuer(context, lambda opened: list_roles(opened.server))
    columns = {"name": "name", "title": "title", "description": "description", "permissions": "permissions"}
    show_list("roles", [_shown(role) for role in roles], columns, as_json=as_json)


@app.command("show", epilog=example("assent role show nurse"))
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show a role's definition, and who holds it."""
    from assent.actions.roles import find_holders, get_role

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
def edit(
    context: typer.Context,
    name: Name,
    title: Title = None,
    description: Description = None,
    permission: Permissions = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others. It holds for the next request of its holders."""
    from assent.actions.roles import edit_role

    document = _document(file, _definition(title, description, permission))
    if not document:
        raise typer.BadParameter("name what to change, or give a definition with --file")
    role = on_issuer(context, lambda opened: edit_role(opened.server, name, document, actor=opened.actor))
    show_thing(_shown(role), as_json=as_json)


@app.command("remove", epilog=example("assent role remove nurse"))
def remove(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Remove a role that nobody holds; who does is named otherwise."""
    from assent.actions.roles import remove_role

    role = on_issuer(context, lambda opened: remove_role(opened.server, name, actor=opened.actor))
    if as_json:
        show_json(_shown(role))
    else:
        say(f"{role.name} is removed")


@app.command("import", epilog=example("assent role import roles.json", "assent role import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help='{"roles": [ … ]}; - reads standard input.')],
    as_json: AsJson = False,
) -> None:
    """Add or replace roles by name, all or none of them."""
    from assent.actions.roles import import_roles

    document = read_document(file)
    done = on_issuer(context, lambda opened: import_roles(opened.server, document, actor=opened.actor))
    if as_json:
        show_json(
            {"added": list(done.added), "replaced": list(done.replaced), "unchanged": list(done.unchanged)}
        )
        return
    say(f"{len(done.added)} added, {len(done.replaced)} replaced, {len(done.unchanged)} unchanged")


@app.command("export", epilog=example("assent role export > roles.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every role's definition as JSON, as import reads it."""
    from assent.actions.roles import export_roles

    show_json(on_issuer(context, lambda opened: export_roles(opened.server)))


def _definition(title: str | None, description: str | None, permission: list[str] | None) -> dict[str, Any]:
    """What the options say, as a definition."""
    named = {
        "title": title,
        "description": description,
        "permissions": [read_permission_option(text) for text in permission] if permission else None,
    }
    return {field: value for field, value in named.items() if value is not None}


def _document(file: str | None, named: dict[str, Any]) -> Any:
    if file is None:
        return named
    if named:
        raise typer.BadParameter("give the definition by --file or by options, not by both")
    return read_document(file)


def _shown(role: "Role") -> dict[str, Any]:
    from assent.actions.role_definition import role_definition

    return role_definition(role)
