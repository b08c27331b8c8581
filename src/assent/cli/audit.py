"""`assent audit …`: what happened."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.input import read_past_instant
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, remark, show_json, show_list

if TYPE_CHECKING:
    from assent.actions.audit import AuditPage

app = typer.Typer(help="Read the audit log.", no_args_is_help=True, rich_markup_mode=None)


@app.command(
    "list",
    epilog=example(
        "assent audit list --user amy --since 7d",
        "assent audit list --reference 7F3K-22",
        "assent audit list --type login.refused --json",
    ),
)
def list_(
    context: typer.Context,
    user: Annotated[str | None, typer.Option(metavar="USERNAME", help="About this person.")] = None,
    client: Annotated[str | None, typer.Option(metavar="CLIENT_ID", help="About this app.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Of this type, such as token.issued.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="REFERENCE", help="What a refusal was told with, such as 7F3K-22."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Not before: 2026-12-31, 7d (ago), epoch seconds.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="EVENT_ID", help="Go on after this one, as the end of a page says.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="At most so many.", min=1, max=1000)] = 100,
    as_json: AsJson = False,
) -> None:
    """List what happened, the newest first."""
    from assent.actions.accounts.people import get_person
    from assent.actions.audit import AuditFilter, list_audit

    earliest = read_past_instant(since) if since else 0

    async def run(opened: Opened) -> "AuditPage":
        person = await get_person(opened.server, user) if user else None
        wanted = AuditFilter(person, client, type_, earliest, reference)
        return await list_audit(opened.server, wanted, after=after, limit=limit)

    page = on_issuer(context, run)
    rows = _rows(page)
    if as_json:
        show_json({"events": rows, "next": page.next})
        return
    columns = {
        "at": "when",
        "type": "what",
        "outcome": "outcome",
        "reference": "reference",
        "username": "person",
        "client_id": "app",
        "actor": "by",
        "address": "from",
        "detail": "detail",
    }
    show_list("events", rows, columns, as_json=False)
    if page.next is not None:
        remark(f"There is more: --after {page.next}")


def _rows(page: "AuditPage") -> list[dict[str, Any]]:
    return [
        {
            "event_id": event.event_id,
            "at": event.at,
            "type": event.type,
            "outcome": event.outcome,
            "client_id": event.client_id,
            "person_id": event.person_id,
            "username": page.usernames.get(event.person_id or ""),
            "grant_id": event.grant_id,
            "actor": event.actor,
            "address": event.address,
            "reference": event.reference,
            "detail": event.detail,
        }
        for event in page.events
    ]
