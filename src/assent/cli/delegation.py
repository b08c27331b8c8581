"""`assent delegation …`: who may act for which patient, and until when."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.definitions import list_file, said, show_imported
from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, show_done, show_json, show_list, show_thing

if TYPE_CHECKING:
    from assent.actions.accounts.delegations import NamedDelegation

app = typer.Typer(
    help="Manage who may act for whom: guardians, carers and others, until when.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Username = Annotated[str, typer.Argument(help="The user name of who acts.")]
Patient = Annotated[str, typer.Argument(help="For whom: a patient's id, or Patient/<id>.")]


@app.command(
    "add",
    epilog=example(
        "assent delegation add jonas Patient/mia --relationship guardian --until-age 18",
        "assent delegation add kim Patient/123 --relationship carer --read-only --expires 2027-06-30",
    ),
)
def add(
    context: typer.Context,
    username: Username,
    patient: Patient,
    relationship: Annotated[
        str, typer.Option(help="parent, guardian, carer, family, power_of_attorney or delegate.")
    ] = "delegate",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="See the record, and change nothing.")
    ] = False,
    starts: Annotated[
        str | None, typer.Option(metavar="DATE", help="The first day, 2027-01-31 (UTC).")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day on which it is over, 2027-06-30 (UTC).")
    ] = None,
    until_age: Annotated[
        int | None, typer.Option(metavar="YEARS", help="It is over when the patient is so old.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a person act for a patient. There is one delegation for the two: another one replaces it."""
    from assent.actions.accounts.delegations import add_delegation

    document = said(
        username=username,
        patient=patient,
        relationship=relationship,
        access="read" if read_only else "full",
        starts_at=_instant(starts, "--starts"),
        expires_at=_instant(expires, "--expires"),
        until_age=until_age,
    )
    added = on_issuer(context, lambda opened: add_delegation(opened.server, document, actor=opened.actor))
    show_thing(_shown(added), as_json=as_json)


@app.command("list", epilog=example("assent delegation list --patient Patient/123 --json"))
def list_(
    context: typer.Context,
    user: Annotated[str | None, typer.Option(metavar="USERNAME", help="Those of this person.")] = None,
    patient: Annotated[str | None, typer.Option(metavar="PATIENT", help="Those for this patient.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the delegations, and whether each holds now by its dates."""
    from assent.actions.accounts.delegations import list_delegations

    async def run(opened: Opened) -> list[dict[str, Any]]:
        now = opened.server.now()
        found = await list_delegations(opened.server, username=user, patient=patient)
        return [{**_shown(one), "holds": _holds(one, now)} for one in found]

    columns = {
        "username": "who acts",
        "patient": "for",
        "relationship": "as",
        "access": "access",
        "starts": "from",
        "expires": "until",
        "until_age": "until the age of",
        "holds": "holds",
    }
    rows = on_issuer(context, run)
    if not as_json:
        rows = [
            {**row, "starts": _day(row.get("starts_at")), "expires": _day(row.get("expires_at"))}
            for row in rows
        ]
    show_list("delegations", rows, columns, as_json=as_json)


@app.command("remove", epilog=example("assent delegation remove jonas Patient/mia"))
def remove(context: typer.Context, username: Username, patient: Patient, as_json: AsJson = False) -> None:
    """End a delegation at once, also for the apps that the person let in."""
    from assent.actions.accounts.delegations import remove_delegation

    async def run(opened: Opened) -> dict[str, Any]:
        return _shown(await remove_delegation(opened.server, username, patient, actor=opened.actor))

    shown = on_issuer(context, run)
    words = f"{shown['username']} does not act for {shown['patient']} by delegation any more"
    show_done(shown, words, as_json=as_json)


@app.command("import", epilog=example("assent delegation import delegations.json"))
def import_(
    context: typer.Context,
    file: Annotated[str, list_file("delegations")],
    as_json: AsJson = False,
) -> None:
    """Add or replace delegations, all or none of them."""
    from assent.actions.accounts.delegations import import_delegations

    document = read_document(file)
    done = on_issuer(context, lambda opened: import_delegations(opened.server, document, actor=opened.actor))
    show_imported(done, as_json=as_json)


@app.command("export", epilog=example("assent delegation export > delegations.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every delegation as JSON, as import reads it."""
    from assent.actions.accounts.delegations import export_delegations

    show_json(on_issuer(context, lambda opened: export_delegations(opened.server)))


def _instant(text: str | None, option: str) -> int | None:
    """The beginning of a day, in epoch seconds."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("must be a date such as 2027-06-30", param_hint=option) from error
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _day(at: int | None) -> str | None:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}" if at else None


def _holds(one: "NamedDelegation", now: int) -> bool:
    delegation = one.delegation
    return delegation.starts_at <= now and not 0 < delegation.expires_at <= now


def _shown(one: "NamedDelegation") -> dict[str, Any]:
    from assent.actions.accounts.delegation_definition import delegation_definition

    return delegation_definition(one.delegation, one.username or "")
