"""`assent client secret …`: a client's secrets, several of which may be good while one replaces another."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.input import read_instant
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, moment, remark, show_done, show_list, show_thing

if TYPE_CHECKING:
    from assent.records.clients import ClientSecret

app = typer.Typer(help="Manage an app's secrets.", no_args_is_help=True, rich_markup_mode=None)

ClientId = Annotated[str, typer.Argument(help="The client's client_id.")]


@app.command("add", epilog=example("assent client secret add heart --description 2027 --expires-at 365d"))
def add(
    context: typer.Context,
    client_id: ClientId,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    activates_at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Good from then: 2027-01-31, 7d, epoch seconds.")
    ] = None,
    expires_at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Good until then: 2027-01-31, 365d, epoch seconds.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make one more secret, and print it once."""
    from assent.actions.apps.clients import get_client
    from assent.actions.apps.secrets import MadeSecret, add_client_secret

    begins = read_instant(activates_at) if activates_at else None
    ends = read_instant(expires_at) if expires_at else None

    async def run(opened: Opened) -> MadeSecret:
        return await add_client_secret(
            opened.server,
            await get_client(opened.server, client_id),
            description=description,
            activates_at=begins,
            expires_at=ends,
            actor=opened.actor,
        )

    made = on_issuer(context, run)
    shown = {"client_id": client_id, "client_secret": made.text, **shown_secret(made.record)}
    show_thing(shown, as_json=as_json)
    remark("Keep the client_secret now: it is not stored, and cannot be shown again.")


@app.command("expire", epilog=example("assent client secret expire heart k-3kq… --at 7d"))
def expire(
    context: typer.Context,
    client_id: ClientId,
    secret_id: Annotated[str, typer.Argument(help="Its id in assent client secret list.")],
    at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Later than now: 2027-01-31, 7d, epoch seconds.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """End a secret, now or at an instant."""
    from assent.actions.apps.clients import get_client
    from assent.actions.apps.secrets import expire_client_secret

    ends = read_instant(at) if at else None

    async def run(opened: Opened) -> "ClientSecret":
        client = await get_client(opened.server, client_id)
        return await expire_client_secret(opened.server, client, secret_id, at=ends, actor=opened.actor)

    ended = on_issuer(context, run)
    words = f"{secret_id} of {client_id} ends {moment(ended.expires_at or 0)}"
    show_done(shown_secret(ended), words, as_json=as_json)


@app.command("list", epilog=example("assent client secret list heart"))
def list_(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """List an app's secrets, by their ids; never the secrets themselves."""
    from assent.actions.apps.clients import get_client

    client = on_issuer(context, lambda opened: get_client(opened.server, client_id))
    columns = {
        "id": "id",
        "description": "description",
        "activates_at": "activates",
        "expires_at": "expires",
    }
    show_list("secrets", [shown_secret(secret) for secret in client.secrets], columns, as_json=as_json)


def shown_secret(secret: "ClientSecret") -> dict[str, Any]:
    """What is told of a secret: not the secret, and not its hash."""
    return {
        "id": secret.id,
        "description": secret.description,
        "activates_at": secret.activates_at,
        "expires_at": secret.expires_at,
    }
