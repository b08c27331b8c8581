"""`assent client …`: registered apps."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli import client_secret
from assent.cli.client_secret import shown_secret
from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer
from assent.cli.output import AsJson, example, remark, say, show_json, show_list, show_thing
from assent.cli.permissions import read_permission_option, remark_idle

if TYPE_CHECKING:
    from assent.records.clients import Client
    from assent.records.logos import Logo

app = typer.Typer(help="Register and manage apps.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(client_secret.app, name="secret")

ClientId = Annotated[str, typer.Argument(help="The client's client_id.")]
File = Annotated[
    str | None, typer.Option(metavar="FILE", help="A definition as JSON; - reads standard input.")
]
Name = Annotated[str | None, typer.Option(metavar="TEXT", help="The name that people see.")]
RedirectUris = Annotated[
    list[str] | None, typer.Option("--redirect-uri", metavar="URI", help="May be given several times.")
]
LaunchUris = Annotated[
    list[str] | None, typer.Option("--launch-uri", metavar="URI", help="May be given several times.")
]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPES", help="Scopes it may have; several, or several times."),
]
Grants = Annotated[
    list[str] | None,
    typer.Option(
        "--grant",
        metavar="GRANT",
        help="authorization_code, refresh_token, client_credentials; several times.",
    ),
]
AuthMethod = Annotated[
    str | None,
    typer.Option(
        "--auth-method",
        metavar="METHOD",
        help="none (public), client_secret_basic, client_secret_post or private_key_jwt.",
    ),
]
Jwks = Annotated[
    str | None, typer.Option("--jwks", metavar="FILE", help="Its public keys, for private_key_jwt.")
]
JwksUri = Annotated[str | None, typer.Option("--jwks-uri", metavar="URI", help="Where its public keys are.")]
Permissions = Annotated[
    list[str] | None,
    typer.Option(
        "--permission",
        metavar="NAME[=ARGUMENT]",
        help="What it may do on its own, such as FHIR_ALL_READ; several times.",
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help="A role that it holds on its own; several times."),
]


@app.command(
    "add",
    epilog=example(
        "assent client add --id heart --name 'Heart Diary' --auth-method none \\",
        "    --redirect-uri https://heart.example/ --scope 'openid fhirUser launch/patient patient/*.rs'",
        "assent client add --file heart.json",
    ),
)
def add(
    context: typer.Context,
    client_id: Annotated[
        str | None, typer.Option("--id", metavar="CLIENT_ID", help="Its client_id; made up when left out.")
    ] = None,
    name: Name = None,
    redirect_uri: RedirectUris = None,
    launch_uri: LaunchUris = None,
    scope: Scopes = None,
    grant: Grants = None,
    auth_method: AuthMethod = None,
    jwks: Jwks = None,
    jwks_uri: JwksUri = None,
    permission: Permissions = None,
    role: Roles = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Register an app, by options or by a definition. A secret that it needs is made, and printed once."""
    from assent.actions.clients import add_client

    named = _definition(
        name, redirect_uri, launch_uri, scope, grant, auth_method, jwks, jwks_uri, permission, role
    )
    if client_id is not None:
        named["client_id"] = client_id
    document = _document(file, named)
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
def edit(
    context: typer.Context,
    client_id: ClientId,
    name: Name = None,
    redirect_uri: RedirectUris = None,
    launch_uri: LaunchUris = None,
    scope: Scopes = None,
    grant: Grants = None,
    auth_method: AuthMethod = None,
    jwks: Jwks = None,
    jwks_uri: JwksUri = None,
    permission: Permissions = None,
    role: Roles = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others; in a definition, null gives a field its default."""
    from assent.actions.clients import edit_client

    named = _definition(
        name, redirect_uri, launch_uri, scope, grant, auth_method, jwks, jwks_uri, permission, role
    )
    document = _document(file, named)
    if not document:
        raise typer.BadParameter("name what to change, or give a definition with --file")
    client = on_issuer(
        context, lambda opened: edit_client(opened.server, client_id, document, actor=opened.actor)
    )
    show_thing(_shown(client), as_json=as_json)


@app.command("list", epilog=example("assent client list", "assent client list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the apps."""
    from assent.actions.clients import list_clients

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
    from assent.actions.clients import get_client
    from assent.actions.logos import logo_of

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
    from assent.actions.clients import get_client
    from assent.actions.logos import fetch_logo
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
    from assent.actions.clients import enable_client

    client = on_issuer(context, lambda opened: enable_client(opened.server, client_id, actor=opened.actor))
    _say_done(client, "is enabled", as_json=as_json)


@app.command("disable", epilog=example("assent client disable heart"))
def disable(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Switch an app off: its next request is refused, and its tokens are good for nothing."""
    from assent.actions.clients import disable_client

    client = on_issuer(context, lambda opened: disable_client(opened.server, client_id, actor=opened.actor))
    _say_done(client, "is disabled: its tokens are good for nothing from now on", as_json=as_json)


@app.command("delete", epilog=example("assent client delete heart"))
def delete(context: typer.Context, client_id: ClientId, as_json: AsJson = False) -> None:
    """Delete an app, and end everything that people granted it."""
    from assent.actions.clients import delete_client

    client = on_issuer(context, lambda opened: delete_client(opened.server, client_id, actor=opened.actor))
    _say_done(client, "is deleted, and what people granted it has ended", as_json=as_json)


@app.command("import", epilog=example("assent client import clients.json", "assent client import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help='{"clients": [ … ]}; - reads standard input.')],
    as_json: AsJson = False,
) -> None:
    """Add or replace apps by client_id, all or none of them. Secrets that are left out are kept."""
    from assent.actions.clients import ImportedClients, import_clients

    document = read_document(file)

    async def run(opened: Opened) -> ImportedClients:
        return await import_clients(opened.server, document, actor=opened.actor)

    done = on_issuer(context, run)
    if as_json:
        show_json(
            {
                "added": list(done.added),
                "replaced": list(done.replaced),
                "unchanged": list(done.unchanged),
                "without_secret": list(done.without_secret),
            }
        )
        return
    say(f"{len(done.added)} added, {len(done.replaced)} replaced, {len(done.unchanged)} unchanged")
    for client_id in done.without_secret:
        remark(f"{client_id} has no secret and cannot sign in: assent client secret add {client_id}")


@app.command("export", epilog=example("assent client export > clients.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every app's definition as JSON, as import reads it. Secrets are not in it."""
    from assent.actions.clients import export_clients

    show_json(on_issuer(context, lambda opened: export_clients(opened.server)))


def _definition(
    name: str | None,
    redirect_uri: list[str] | None,
    launch_uri: list[str] | None,
    scope: list[str] | None,
    grant: list[str] | None,
    auth_method: str | None,
    jwks: str | None,
    jwks_uri: str | None,
    permission: list[str] | None,
    role: list[str] | None,
) -> dict[str, Any]:
    """What the options say, as a definition."""
    named = {
        "client_name": name,
        "redirect_uris": redirect_uri,
        "launch_uris": launch_uri,
        "scope": " ".join(scope) if scope else None,
        "grant_types": grant,
        "token_endpoint_auth_method": auth_method,
        "jwks": read_document(jwks) if jwks else None,
        "jwks_uri": jwks_uri,
        "permissions": [read_permission_option(text) for text in permission] if permission else None,
        "roles": role,
    }
    return {field: value for field, value in named.items() if value is not None}


def _document(file: str | None, named: dict[str, Any]) -> Any:
    if file is None:
        return named
    if named:
        raise typer.BadParameter("give the definition by --file or by options, not by both")
    return read_document(file)


def _shown(client: "Client") -> dict[str, Any]:
    from assent.actions.client_definition import client_definition

    return client_definition(client)


def _shown_logo(logo: "Logo | None") -> dict[str, Any]:
    """What came of an app's logo: `logo_state` is kept, failed, fetching, or waiting where nobody has tried yet."""
    if logo is None:
        return {"logo_state": "waiting"}
    shown: dict[str, Any] = {"logo_state": logo.state, "logo_tried_at": logo.tried_at}
    return shown if logo.reason is None else {**shown, "logo_reason": logo.reason}


def _say_done(client: "Client", words: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_shown(client))
    else:
        say(f"{client.client_id} {words}")
