"""`assent client …`: registered apps."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli import client_secret
from assent.cli.client_options import ClientOptions
from assent.cli.client_secret import shown_secret
from assent.cli.definitions import File, list_file, read_changes, read_definition, said, show_imported
from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer
from assent.cli.options import taking
from assent.cli.output import AsJson, example, remark, show_done, show_json, show_list, show_thing
from assent.cli.permissions import remark_idle

if TYPE_CHECKING:
    from assent.records.clients import Client
    from assent.records.logos import Logo

app = typer.Typer(help="Register and manage apps.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(client_secret.app, name="secret")

ClientId = Annotated[str, typer.Argument(help="The client's client_id.")]


@app.command(
    "add",
    epilog=example(
        "assent client add --id heart --name 'Heart Diary' --auth-method none \\",
        "    --redirect-uri https://heart.example/ --scope 'openid fhirUser launch/patient patient/*.rs'",
        "assent client add --file heart.json",
    ),
)
@taking(ClientOptions)
def add(
    context: typer.Context,
    client_id: Annotated[
        str | None, typer.Option("--id", metavar="CLIENT_ID", help="Its client_id; made up when left out.")
    ] = None,
    *,
    options: ClientOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Register an app, by options or by a definition. A secret that it needs is made, and printed once."""
    from assent.actions.apps.clients import add_client

    document = read_definition(file, said(client_id=client_id) | options.members())
    added = on_issuer(context, lambda opened: add_client(opened.server, document, actor=opened.actor))
    shown = _shown(added.client)
    if added.secret is not None:
        shown["client_secret"] = added.secret
    show_thing(shown, as_json=as_json)
    if added.secret is not None:
        remark("Keep the client_secret now: it is not stored, and cannot be shown again.")


@app.command(
    "edit",
    epilog=example(
        "assent client edit heart --name 'Heart Diary 2'",
        """echo '{"access_token_seconds": 600}' | assent client edit heart --file -""",
    ),
)
@taking(ClientOptions)
def edit(
    context: typer.Context,
    client_id: ClientId,
    *,
    options: ClientOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others; in a definition, null gives a field its default."""
    from assent.actions.apps.clients import edit_client

    document = read_changes(file, options.members())
    client = on_issuer(
        context, lambda opened: edit_client(opened.server, client_id, document, actor=opened.actor)
    )
    show_thing(_shown(client), as_json=as_json)


@app.command("list", epilog=example("assent client list", "assent client list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the apps."""
    from assent.actions.apps.clients import list_clients

    clients = on_issuer(context, lambda opened: list_clients(opened.server))
    columns = {
        "client_id": "client_id",
        "client_name": "name",
        "enabled": "enabled",
        "token_endpoint_auth_method": "signs in by",
        "grant_types": "grants",
    }
    show_list("clients", [_shown(client) for client in clients], columns, as_json=as_json)


@app.command("show", epilog=example("assent client show heart --json"))
def show(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Show an app's definition; of its secrets, their ids and times only; of its logo, what came of it."""
    from assent.actions.apps.clients import get_client
    from assent.actions.apps.logos import logo_of

    async def run(opened: Opened) -> tuple["Client", "Logo | None"]:
        client = await get_client(opened.server, client_id)
        return client, await logo_of(opened.server, client)

    client, logo = on_issuer(context, run)
    shown = _shown(client)
    if client.secrets:
        shown["secrets"] = [shown_secret(secret) for secret in client.secrets]
    if client.logo_uri is not None:
        shown |= _shown_logo(logo)
    show_thing(shown, as_json=as_json)
    remark_idle(client.permissions)


@app.command("logo", epilog=example("assent client logo heart"))
def logo_(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Fetch an app's logo now, and say what came of it. A running server does so by itself, once for each address."""
    from assent.actions.apps.clients import get_client
    from assent.actions.apps.logos import fetch_logo
    from assent.actions.refusals import Refused
    from assent.app.pictures import PictureMaker

    async def run(opened: Opened) -> "Logo":
        client = await get_client(opened.server, client_id)
        if client.logo_uri is None:
            raise Refused([f"the client {client.client_id} has no logo_uri"])
        logo = await fetch_logo(opened.server, client, PictureMaker(), actor=opened.actor)
        if logo is None:
            raise Refused(["somebody else is fetching it: look at it with assent client show"])
        return logo

    logo = on_issuer(context, run)
    show_thing({"logo_uri": logo.uri, **_shown_logo(logo)}, as_json=as_json)
    if logo.state == "failed":
        raise typer.Exit(1)


@app.command("enable", epilog=example("assent client enable heart"))
def enable(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Switch an app on again."""
    from assent.actions.apps.clients import enable_client

    client = on_issuer(context, lambda opened: enable_client(opened.server, client_id, actor=opened.actor))
    show_done(_shown(client), f"{client.client_id} is enabled", as_json=as_json)


@app.command("disable", epilog=example("assent client disable heart"))
def disable(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Switch an app off: its next request is refused, and its tokens are good for nothing."""
    from assent.actions.apps.clients import disable_client

    client = on_issuer(context, lambda opened: disable_client(opened.server, client_id, actor=opened.actor))
    show_done(
        _shown(client),
        f"{client.client_id} is disabled: its tokens are good for nothing from now on",
        as_json=as_json,
    )


@app.command("delete", epilog=example("assent client delete heart"))
def delete(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Delete an app, and end everything that people granted it."""
    from assent.actions.apps.clients import delete_client

    client = on_issuer(context, lambda opened: delete_client(opened.server, client_id, actor=opened.actor))
    show_done(
        _shown(client),
        f"{client.client_id} is deleted, and what people granted it has ended",
        as_json=as_json,
    )


@app.command("import", epilog=example("assent client import clients.json", "assent client import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, list_file("clients")],
    as_json: AsJson = False,
) -> None:
    """Add or replace apps by client_id, all or none of them. Secrets that are left out are kept."""
    from assent.actions.apps.clients import ImportedClients, import_clients

    document = read_document(file)

    async def run(opened: Opened) -> ImportedClients:
        return await import_clients(opened.server, document, actor=opened.actor)

    done = on_issuer(context, run)
    show_imported(done, as_json=as_json, without_secret=done.without_secret)
    if as_json:
        return
    for client_id in done.without_secret:
        remark(f"{client_id} has no secret and cannot sign in: assent client secret add {client_id}")


@app.command("export", epilog=example("assent client export > clients.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every app's definition as JSON, as import reads it. Secrets are not in it."""
    from assent.actions.apps.clients import export_clients

    show_json(on_issuer(context, lambda opened: export_clients(opened.server)))


def _shown(client: "Client") -> dict[str, Any]:
    from assent.actions.apps.definition import client_definition

    return client_definition(client)


def _shown_logo(logo: "Logo | None") -> dict[str, Any]:
    """What came of an app's logo: `logo_state` is kept, failed, fetching, or waiting where nobody has tried yet."""
    if logo is None:
        return {"logo_state": "waiting"}
    shown: dict[str, Any] = {"logo_state": logo.state, "logo_tried_at": logo.tried_at}
    return shown if logo.reason is None else {**shown, "logo_reason": logo.reason}
