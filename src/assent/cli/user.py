"""`assent user …`: the people who can sign in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli import user_access
from assent.cli.definitions import (
    NOT_BOTH,
    File,
    list_file,
    read_changes,
    read_definition,
    said,
    show_imported,
)
from assent.cli.input import confirm, read_document, read_password
from assent.cli.installation import Opened, on_issuer
from assent.cli.options import taking
from assent.cli.output import AsJson, example, remark, show_done, show_json, show_list, show_thing
from assent.cli.permissions import remark_idle
from assent.cli.user_options import UserOptions

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
        "assent user add kim --generate-password --must-change-password",
        "assent user add --file amy.json",
    ),
)
@taking(UserOptions)
def add(
    context: typer.Context,
    username: Annotated[str | None, typer.Argument(help="The user name.")] = None,
    *,
    options: UserOptions,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="No password: signing in with one is not possible.")
    ] = False,
    generate_password: Annotated[
        bool, typer.Option("--generate-password", help="A password that is made up, and printed once.")
    ] = False,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. The password is asked for, read from standard input, or made up; never an argument."""
    from assent.actions.accounts.passwords import new_password
    from assent.actions.accounts.people import add_person, check_new_person

    named = said(username=username) | options.members()
    if [password_stdin, no_password, generate_password].count(True) > (file is None):
        alone = "--password-stdin, --no-password and --generate-password exclude each other"
        raise typer.BadParameter(alone if file is None else NOT_BOTH)
    if file is None:
        if username is None:
            raise typer.BadParameter("name the user, or give a definition with --file")
        if not (no_password or generate_password or password_stdin):
            # nobody types a password twice for what is refused anyway
            on_issuer(context, lambda opened: check_new_person(opened.server, named))
        if not (no_password or generate_password):
            named["password"] = read_password(from_stdin=password_stdin)
    document = read_definition(file, named)

    async def run(opened: Opened) -> "tuple[Person, dict[str, str]]":
        made_up = {"password": new_password(opened.server)} if generate_password else {}
        return await add_person(opened.server, {**document, **made_up}, actor=opened.actor), made_up

    person, made_up = on_issuer(context, run)
    show_thing({**_shown(person), **made_up}, as_json=as_json)
    if made_up:
        remark("Hand the password over now: it is not stored, and cannot be shown again.")


@app.command(
    "edit",
    epilog=example(
        "assent user edit amy --email amy@example.org --locale de-CH",
        "assent user edit lee --clear fhir_user",
        """echo '{"represents": ["Patient/7"]}' | assent user edit amy --file -""",
    ),
)
@taking(UserOptions)
def edit(
    context: typer.Context,
    username: Username,
    *,
    options: UserOptions,
    clear: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="A field to be emptied; several times.")
    ] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others; in a definition, null empties a field."""
    from assent.actions.accounts.people import edit_person

    given = options.members()
    both = [name for name in clear or () if name in given]
    if both:
        raise typer.BadParameter(f"{both[0]} is given a value, too", param_hint="--clear")
    document = read_changes(file, given | dict.fromkeys(clear or ()))
    person = on_issuer(
        context, lambda opened: edit_person(opened.server, username, document, actor=opened.actor)
    )
    show_thing(_shown(person), as_json=as_json)
    remark_idle(person.permissions)


@app.command("import", epilog=example("assent user import users.json", "assent user import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, list_file("users")],
    as_json: AsJson = False,
) -> None:
    """Add or replace people by user name, all or none of them. Passwords that are left out are kept."""
    from assent.actions.accounts.people import ImportedPeople, import_people

    document = read_document(file)

    async def run(opened: Opened) -> ImportedPeople:
        return await import_people(opened.server, document, actor=opened.actor)

    done = on_issuer(context, run)
    show_imported(done, as_json=as_json, without_password=done.without_password)
    if as_json:
        return
    for username in done.without_password:
        remark(f"{username} has no password and cannot sign in with one")


@app.command("export", epilog=example("assent user export > users.json"))
def export(
    context: typer.Context,
    password_hashes: Annotated[
        bool,
        typer.Option("--password-hashes", help="With the hashes of passwords: keep the file as a secret."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print everybody's definition as JSON, as import reads it. Passwords are not in it, nor second factors."""
    from assent.actions.accounts.people import export_people, export_people_with_hashes

    async def run(opened: Opened) -> dict[str, Any]:
        if password_hashes:
            return await export_people_with_hashes(opened.server, actor=opened.actor)
        return await export_people(opened.server)

    show_json(on_issuer(context, run))


@app.command("delete", epilog=example("assent user delete amy", "assent user delete amy --yes"))
def delete(
    context: typer.Context,
    username: Username,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a person, and end all that she granted. It cannot be undone; disable is what can."""
    from assent.actions.accounts.deletion import delete_person
    from assent.actions.accounts.people import get_person

    if not yes:
        named = on_issuer(context, lambda opened: get_person(opened.server, username))
        confirm(f"Delete {named.username}, for ever?")
    person = on_issuer(context, lambda opened: delete_person(opened.server, username, actor=opened.actor))
    words = f"{person.username} is deleted: sessions and grants have ended, the audit log is kept"
    show_done(_shown(person), words, as_json=as_json)


@app.command("list", epilog=example("assent user list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the people: where each comes from, and how her account stands."""
    from assent.actions.accounts.standing import list_accounts, say_ways, shown_account

    accounts = on_issuer(context, lambda opened: list_accounts(opened.server))
    columns = {
        "username": "user name",
        "given_name": "given name",
        "family_name": "family name",
        "fhir_user": "on the FHIR server",
        "ways": "signs in by",
        "enabled": "enabled",
        "locked_until_at": "locked until",
        "has_factor": "second factor",
    }
    rows = [shown_account(account) for account in accounts]
    if not as_json:
        for row, account in zip(rows, accounts, strict=True):
            row |= {"ways": say_ways(account), "has_factor": bool(account.factors)}
    show_list("users", rows, columns, as_json=as_json)


@app.command("show", epilog=example("assent user show amy"))
def show(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Show a person's definition, by what she signs in, and how her account stands; never her password."""
    from assent.actions.accounts.standing import get_account, say_ways, shown_account

    account = on_issuer(context, lambda opened: get_account(opened.server, username))
    shown = shown_account(account)
    show_thing(shown if as_json else shown | {"signs_in_by": say_ways(account)}, as_json=as_json)
    remark_idle(account.person.permissions)


@app.command("reset-second-factor", epilog=example("assent user reset-second-factor amy"))
def reset_second_factor(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Take all second factors of a person away, for who has lost them: she is signed out everywhere."""
    from assent.actions.accounts.second_factors import reset_second_factor as reset

    person = on_issuer(context, lambda opened: reset(opened.server, username, actor=opened.actor))
    show_done(
        _shown(person), f"{person.username} has no second factor any more, and is signed out", as_json=as_json
    )


@app.command("disable", epilog=example("assent user disable amy"))
def disable(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Switch an account off: its sessions, and all that the person granted, end at once."""
    from assent.actions.accounts.people import disable_person

    person = on_issuer(context, lambda opened: disable_person(opened.server, username, actor=opened.actor))
    show_done(
        _shown(person), f"{person.username} is disabled: sessions and grants have ended", as_json=as_json
    )


@app.command("enable", epilog=example("assent user enable amy"))
def enable(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """Switch an account on again. What was ended stays ended."""
    from assent.actions.accounts.people import enable_person

    person = on_issuer(context, lambda opened: enable_person(opened.server, username, actor=opened.actor))
    show_done(_shown(person), f"{person.username} is enabled", as_json=as_json)


def _shown(person: "Person") -> dict[str, Any]:
    from assent.actions.accounts.person_definition import person_definition

    return person_definition(person)
