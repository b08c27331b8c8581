"""`assent user edit|unlock|reset-password`: what help desks do for people who have an account."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from assent.cli.input import read_document, read_line
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, remark, say, show_json, show_thing
from assent.cli.permissions import read_permission_option, remark_idle

if TYPE_CHECKING:
    from assent.records.people import Person

app = typer.Typer()

Username = Annotated[str, typer.Argument(help="The user name.")]
_CODE_PATH: Final = "/forgot-password/code"


@app.command(
    "edit",
    epilog=example(
        "assent user edit amy --email amy@example.org --locale de-CH",
        "assent user edit lee --clear fhir_user",
        """echo '{"represents": ["Patient/7"]}' | assent user edit amy --file -""",
    ),
)
def edit(
    context: typer.Context,
    username: Username,
    given_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The given name.")] = None,
    family_name: Annotated[str | None, typer.Option(metavar="TEXT", help="The family name.")] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The e-mail address.")] = None,
    locale: Annotated[str | None, typer.Option(metavar="TAG", help="A language tag, such as de-CH.")] = None,
    fhir_user: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Who this is on the FHIR server: Patient/123.")
    ] = None,
    permission: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=ARGUMENT]", help="All that she is to have; may be given several times."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="All roles that she is to hold; may be given several times."),
    ] = None,
    represents: Annotated[
        list[str] | None,
        typer.Option(metavar="PATIENT", help="All patients whom she may act for; several times."),
    ] = None,
    clear: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="A field to be emptied; several times.")
    ] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Fields as JSON; - reads standard input.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others; in a file, null empties a field."""
    from assent.actions.people import edit_person

    named: dict[str, Any] = {
        "given_name": given_name,
        "family_name": family_name,
        "email": email,
        "locale": locale,
        "fhir_user": fhir_user,
        "permissions": [read_permission_option(text) for text in permission] if permission else None,
        "roles": role,
        "represents": represents,
    }
    changes = {field: value for field, value in named.items() if value is not None}
    changes |= dict.fromkeys(clear or ())
    if file is not None:
        if changes:
            raise typer.BadParameter("give the fields by --file or by options, not by both")
        changes = _fields(read_document(file))
    if not changes:
        raise typer.BadParameter("name a field to be changed")
    person = on_issuer(
        context, lambda opened: edit_person(opened.server, username, changes, actor=opened.actor)
    )
    show_thing(_shown(person), as_json=as_json)
    remark_idle(person.permissions)


@app.command("unlock", epilog=example("assent user unlock amy"))
def unlock(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """End the lock that wrong passwords put on an account."""
    from assent.actions.locks import unlock_person

    person, was_locked = on_issuer(
        context, lambda opened: unlock_person(opened.server, username, actor=opened.actor)
    )
    if as_json:
        show_json({"username": person.username, "was_locked": was_locked})
    else:
        say(f"{person.username} is unlocked" if was_locked else f"{person.username} was not locked")


@app.command(
    "reset-password",
    epilog=example(
        "assent user reset-password amy",
        "assent user reset-password amy --mail",
        "assent user reset-password amy --password-stdin < file",
    ),
)
def reset_password(
    context: typer.Context,
    username: Username,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail a code to choose a new one; the old one is good until then.")
    ] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the new password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody another password: one that is made up and printed once, and all sessions end."""
    if mail and password_stdin:
        raise typer.BadParameter("--mail and --password-stdin exclude each other")
    if mail:
        person = on_issuer(context, lambda opened: _mail_code(opened, username))
        if as_json:
            show_json({"username": person.username, "mailed": True})
        else:
            say(f"a code was mailed to {person.username}: it is good for 24 hours")
        return
    given = read_line() if password_stdin else None
    if given == "":
        raise typer.BadParameter("standard input holds no password", param_hint="--password-stdin")
    _set(context, username, given, as_json=as_json)


def _set(context: typer.Context, username: str, given: str | None, *, as_json: bool) -> None:
    from assent.actions.passwords import set_password

    person, made_up = on_issuer(
        context, lambda opened: set_password(opened.server, username, given, actor=opened.actor)
    )
    shown = {"username": person.username}
    if made_up is not None:
        shown["password"] = made_up
    show_thing(shown, as_json=as_json)
    if made_up is not None:
        remark("Hand the password over now: it is not stored, and cannot be shown again.")


async def _mail_code(opened: Opened, username: str) -> "Person":
    """Mails a code on behalf of an administrator, and waits until the mail server has it. Raises `Refused`."""
    from urllib.parse import urlencode

    from assent.actions.password_codes import STAFF_CODE_SECONDS, show_code
    from assent.actions.passwords import issue_staff_code
    from assent.actions.refusals import Refused
    from assent.web.dates import say_duration
    from assent.web.languages import read_languages
    from assent.web.mails import MailDown, messages_for, write_mail

    post, settings = opened.installation.post, opened.installation.settings
    if post is None or not opened.settings.sign_in.local.forgot_password:
        raise Refused(["--mail: needs mail.host, and sign_in.local.forgot_password"])
    requested = await issue_staff_code(opened.server, username, actor=opened.actor)
    languages = read_languages(settings.server.messages_folder)
    messages = messages_for(requested.person, languages, languages.english)
    link = f"{opened.server.issuer.url}{_CODE_PATH}?{urlencode({'request': requested.handle})}"
    mail = write_mail(
        messages,
        "code_from_staff",
        requested.person.email or "",
        settings.server.organization,
        link=link,
        username=requested.person.username,
        code=show_code(requested.code),
        duration=say_duration(STAFF_CODE_SECONDS, messages),
    )
    try:
        await post.send(mail)
    except MailDown as error:
        raise Refused([f"--mail: {error}"]) from error
    return requested.person


def _fields(document: Any) -> dict[str, Any]:
    from assent.actions.refusals import Refused

    if not isinstance(document, dict):
        raise Refused(["the file must hold an object with the fields to be changed"])
    return document


def _shown(person: "Person") -> dict[str, Any]:
    from assent.actions.person_definition import person_definition

    return person_definition(person)
