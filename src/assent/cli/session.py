"""`assent session …`: who is signed in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, show_done, show_list

if TYPE_CHECKING:
    from assent.actions.accounts.sessions import ListedSession
    from assent.records.sessions import Session

app = typer.Typer(help="See and end people's sessions.", no_args_is_help=True, rich_markup_mode=None)

Username = Annotated[str | None, typer.Option("--user", metavar="USERNAME", help="Of this person only.")]


@app.command("list", epilog=example("assent session list --user amy"))
def list_(context: typer.Context, user: Username = None, as_json: AsJson = False) -> None:
    """List the signed-in browsers, the latest first."""
    from assent.actions.accounts.people import get_person
    from assent.actions.accounts.sessions import list_sessions

    async def run(opened: Opened) -> "tuple[ListedSession, ...]":
        person = await get_person(opened.server, user) if user else None
        return await list_sessions(opened.server, person)

    columns = {
        "id": "id",
        "username": "user name",
        "auth_time": "signed in",
        "last_seen_at": "last seen",
        "expires_at": "ends",
        "address": "from",
    }
    rows = [_shown(listed) for listed in on_issuer(context, run)]
    if not as_json:
        from assent.cli.output import moment

        rows = [{**row, "auth_time": moment(row["auth_time"])} for row in rows]
    show_list("sessions", rows, columns, as_json=as_json)


@app.command("end", epilog=example("assent session end s-3kq…", "assent session end --user amy"))
def end(
    context: typer.Context,
    session_id: Annotated[str | None, typer.Argument(help="Its id in assent session list.")] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="USERNAME", help="Every session of this person.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """End a session, or all of a person's, with the access that lasts only as long as they do."""
    from assent.actions.accounts.people import get_person
    from assent.actions.accounts.sessions import end_one_session, end_sessions_of

    if (session_id is None) == (user is None):
        raise typer.BadParameter("name either a session or --user")

    async def run(opened: Opened) -> "tuple[Session, ...]":
        if session_id is not None:
            return (await end_one_session(opened.server, session_id, actor=opened.actor),)
        person = await get_person(opened.server, user or "")
        return await end_sessions_of(opened.server, person, actor=opened.actor)

    ended = [session.public_id for session in on_issuer(context, run)]
    words = f"{len(ended)} sessions ended" if len(ended) != 1 else f"{ended[0]} ended"
    show_done({"ended": ended}, words, as_json=as_json)


def _shown(listed: "ListedSession") -> dict[str, Any]:
    session = listed.session
    return {
        "id": session.public_id,
        "username": listed.username,
        "auth_time": session.auth_time,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
        "address": session.address,
        "user_agent": session.user_agent,
    }
