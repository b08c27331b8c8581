"""`assent user …`: the people who can sign in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli import user_access
from assent.cli.input import read_document, read_password
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, remark, say, show_json, show_list, show_thing
from assent.cli.permissions import read_permission_option, remark_idle

if TYPE_CHECKING:
    from assent.records.people import Person

app = typer.Typer(help="Manage the people who can sign in.", no_args_is_help=True, rich_markup_mode=None)

app.add_typer(user_access.app)

Username = Annotated[str, typer.Argument(help="The user name.")]


@app.command(
    "add",
    epilog=example(
        "assent user add amy --given-name Amy --family-name Shaw --fhir-user Patient/123",
        "assent user add lee --fhir-user Practitioner/7 --permission FHIR_ALL_READ --password-stdin < file",
        "assent user add --file amy.json",
    ),
)
def add(
    context: typer.Context,
    username: Annotated[str | None, typer.Argument(help="The user name.")] = None,
    given_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The given name.")] = None,
    family_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The family name.")] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The e-mail address.")] = None,
    locale: Annotated[str | None, typer.Option(metavar="TAG", help="A language tag, such as de-CH.")] = None,
    fhir_user: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Who this is on the FHIR server: Patient/123.")
    ] = None,
    permission: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=ARGUMENT]", help="Such as FHIR_ALL_READ; may be given several times."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="A role that this person holds; may be given several times."),
    ] = None,
    represents: Annotated[
        list[str] | None,
        typer.Option(metavar="PATIENT", help="A patient whom this person may act for; several times."),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="No password: signing in with one is not possible.")
    ] = False,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="A definition as JSON; - reads standard input.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. The password is asked for, or read from standard input; never an argument."""
    from assent.actions.people import add_person

    named = {
        "given_name": given_name,
        "family_name": family_name,
        "email": email,
        "locale": locale,
        "fhir_user": fhir_user,
        "permissions": [read_permission_option(text) for text in permission] if permission else None,
        "roles": role,
        "represents": represents,
    }
    given = {field: value for field, value in named.items() if value is not None}
    if file is not None:
        if username is not None or given or password_stdin or no_password:
            raise typer.BadParameter("give the definition by --file or by options, not by both")
        document = read_document(file)
    else:
        document = _definition(username, given, password_stdin=password_stdin, no_password=no_password)
    person = on_issuer(context, lambda opened: add_person(opened.server, document, actor=opened.actor))
    show_thing(_shown(person), as_json=as_json)


@app.command("import", epilog=example("assent user import users.json", "assent user import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help='{"users": [ … ]}; - reads standard input.')],
    as_json: AsJson = False,
) -> None:
    """Add or replace people by user name, all or none of them. Passwords that are left out are kept."""
    from assent.actions.people import ImportedPeople, import_people

    document = read_document(file)

    async def run(opened: Opened) -> ImportedPeople:
        return await import_people(opened.server, document, actor=opened.actor)

    done = on_issuer(context, run)
    if as_json:
        show_json(
            {
                "added": list(done.added),
                "replaced": list(done.replaced),
                "unchanged": list(done.unchanged),
                "without_password": list(done.without_password),
            }
        )
        return
    say(f"{len(done.added)} added, {len(done.replaced)} replaced, {len(done.unchanged)} unchanged")
    for username in done.without_password:
        remark(f"{username} has no password and cannot sign in with one")


@app.command("list", epilog=example("assent user list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the people."""
    from assent.actions.people import list_people

    people = on_issuer(context, lambda opened: list_people(opened.server))
    columns = {
        "username": "user name",
        "given_name": "given name",
        "family_name": "family name",
        "enabled": "enabled",
        "fhir_user": "on the FHIR server",
    }
    show_list("users", [_shown(person) for person in people], columns, as_json=as_json)


@app.command("show", epilog=example("assent user show amy"))
def show(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Show a person's definition, her second factors, and until when she is locked out; never her password."""
    from assent.actions.locks import lock_end
    from assent.actions.people import get_person
    from assent.actions.second_factors import list_factors

    async def run(opened: Opened) -> "tuple[Person, tuple[str, ...], int]":
        person = await get_person(opened.server, username)
        return person, await list_factors(opened.server, person), await lock_end(opened.server, person)

    person, factors, locked_until_at = on_issuer(context, run)
    more: dict[str, Any] = {"second_factors": list(factors)} if factors else {}
    if locked_until_at:
        more["locked_until_at"] = locked_until_at
    show_thing({**_shown(person), **more}, as_json=as_json)
    remark_idle(person.permissions)


@app.command("reset-second-factor", epilog=example("assent user reset-second-factor amy"))
def reset_second_factor(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Take all second factors of a person away, for who has lost them: she is signed out everywhere."""
    from assent.actions.second_factors import reset_second_factor as reset

    person = on_issuer(context, lambda opened: reset(opened.server, username, actor=opened.actor))
    if as_json:
        show_json(_shown(person))
    else:
        say(f"{person.username} has no second factor any more, and is signed out")


@app.command("disable", epilog=example("assent user disable amy"))
def disable(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Switch an account off: its sessions, and all that the person granted, end at once."""
    from assent.actions.people import disable_person

    person = on_issuer(context, lambda opened: disable_person(opened.server, username, actor=opened.actor))
    if as_json:
        show_json(_shown(person))
    else:
        say(f"{person.username} is disabled: sessions and grants have ended")


@app.command("enable", epilog=example("assent user enable amy"))
def enable(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Switch an account on again. What was ended stays ended."""
    from assent.actions.people import enable_person

    person = on_issuer(context, lambda opened: enable_person(opened.server, username, actor=opened.actor))
    if as_json:
        show_json(_shown(person))
    else:
        say(f"{person.username} is enabled")


def _definition(
    username: str | None, given: dict[str, Any], *, password_stdin: bool, no_password: bool
) -> dict[str, Any]:
    if username is None:
        raise typer.BadParameter("name the user, or give a definition with --file")
    if no_password and password_stdin:
        raise typer.BadParameter("--no-password and --password-stdin exclude each other")
    if no_password:
        return {"username": username, **given}
    return {"username": username, **given, "password": read_password(from_stdin=password_stdin)}


def _shown(person: "Person") -> dict[str, Any]:
    from assent.actions.person_definition import person_definition

    return person_definition(person)
