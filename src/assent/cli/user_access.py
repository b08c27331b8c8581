"""`assent user unlock|reset-password`: what help desks do for people who have an account."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from assent.cli.input import read_line
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, remark, show_done, show_thing

if TYPE_CHECKING:
    from assent.records.people import Person

app = typer.Typer()

Username = Annotated[str, typer.Argument(help="The user name.")]
_CODE_PATH: Final = "/forgot-password/code"


@app.command("unlock", epilog=example("assent user unlock amy"))
def unlock(context: typer.Context, username: Username, as_json: AsJson = False) -> None:
    """End every lock that wrong passwords or codes put on a person: on her name, in her browsers, at directories."""
    from assent.actions.accounts.locks import unlock_person

    person, was_locked = on_issuer(
        context, lambda opened: unlock_person(opened.server, username, actor=opened.actor)
    )
    words = f"{person.username} is unlocked" if was_locked else f"{person.username} was not locked"
    show_done({"username": person.username, "was_locked": was_locked}, words, as_json=as_json)


@app.command(
    "reset-password",
    epilog=example(
        "assent user reset-password amy --must-change-password",
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
    must_change: Annotated[
        bool,
        typer.Option("--must-change-password", help="The password is good for choosing another one only."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody another password: one that is made up and printed once, and all sessions end."""
    if mail and (password_stdin or must_change):
        raise typer.BadParameter("--mail stands alone: she chooses the password herself")
    if mail:
        person = on_issuer(context, lambda opened: _mail_code(opened, username))
        words = f"a code was mailed to {person.username}: it is good for 24 hours"
        show_done({"username": person.username, "mailed": True}, words, as_json=as_json)
        return
    given = read_line() if password_stdin else None
    if given == "":
        raise typer.BadParameter("standard input holds no password", param_hint="--password-stdin")
    _set(context, username, given, must_change=must_change, as_json=as_json)


def _set(
    context: typer.Context, username: str, given: str | None, *, must_change: bool, as_json: bool
) -> None:
    from assent.actions.accounts.passwords import set_password

    person, made_up = on_issuer(
        context,
        lambda opened: set_password(
            opened.server, username, given, actor=opened.actor, must_change=must_change
        ),
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

    from assent.actions.accounts.password_codes import STAFF_CODE_SECONDS, show_code
    from assent.actions.accounts.passwords import issue_staff_code
    from assent.actions.refusals import Refused
    from assent.app.outbound.issuer_post import IssuerPost
    from assent.web.dates import say_duration
    from assent.web.languages import read_languages
    from assent.web.mails import MailDown, messages_for, write_mail

    post, settings = opened.installation.post, opened.installation.settings
    if post is None or not opened.settings.sign_in.local.forgot_password:
        raise Refused(["--mail: needs mail.host, and sign_in.local.forgot_password"])
    requested = await issue_staff_code(opened.server, username, actor=opened.actor)
    languages = read_languages(settings.server.messages_folder)
    messages = messages_for(requested.person, languages, languages.english)
    link = f"{opened.server.issuer.url}{_CODE_PATH}?{urlencode({'request': requested.handle, 'by': 'mail'})}"
    mail = write_mail(
        messages,
        "code_from_staff",
        requested.person.email or "",
        settings.server.organization,
        link=link,
        person_id=requested.person.person_id,
        username=requested.person.username,
        code=show_code(requested.code),
        duration=say_duration(STAFF_CODE_SECONDS, messages),
    )
    try:
        await IssuerPost(post, opened.server).send(mail)
    except MailDown as error:
        raise Refused([f"--mail: {error}"]) from error
    return requested.person
