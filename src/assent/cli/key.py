"""`assent key …`: the keys that sign the issuer's tokens."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.input import read_document
from assent.cli.installation import on_issuer
from assent.cli.output import AsJson, example, show_list

if TYPE_CHECKING:
    from assent.actions.keys import ListedKey
    from assent.records.keys import SigningKey

app = typer.Typer(help="Manage the signing keys.", no_args_is_help=True, rich_markup_mode=None)

_COLUMNS = {
    "kid": "kid",
    "alg": "alg",
    "state": "state",
    "activates_at": "signs from",
    "retires_at": "until",
    "removes_at": "published until",
}


@app.command("list", epilog=example("assent key list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the keys and what each does: waiting, signing, standby, retired (only published), removed."""
    from assent.actions.keys import list_keys

    keys = on_issuer(context, lambda opened: list_keys(opened.server))
    show_list("keys", [_shown(listed) for listed in keys], _COLUMNS, as_json=as_json)


@app.command("rotate", epilog=example("assent key rotate", "assent key rotate --alg ES256 --lead 86400"))
def rotate(
    context: typer.Context,
    alg: Annotated[
        str | None, typer.Option(metavar="ALG", help="RS256, ES256 …; every algorithm in use by default.")
    ] = None,
    lead: Annotated[
        int, typer.Option(metavar="SECONDS", help="Publish the new key this long before it signs.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a new key that signs from now on. The old one stays published as long as its tokens may live."""
    from assent.actions.keys import rotate_keys

    keys = on_issuer(
        context,
        lambda opened: rotate_keys(opened.server, opened.sealer, alg, actor=opened.actor, lead_seconds=lead),
    )
    show_list("keys", [_new(key) for key in keys], _NEW_COLUMNS, as_json=as_json)


@app.command("import", epilog=example("assent key import jwks.json", "assent key import - < jwks.json"))
def import_(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(help="A JWKS with private keys; - reads its text from standard input."),
    ],
    as_json: AsJson = False,
) -> None:
    """Bring private keys from elsewhere, with their kid and alg, all or none of them."""
    from assent.actions.keys import import_keys

    document = read_document(file)
    keys = on_issuer(
        context, lambda opened: import_keys(opened.server, opened.sealer, document, actor=opened.actor)
    )
    show_list("keys", [_new(key) for key in keys], _NEW_COLUMNS, as_json=as_json)


_NEW_COLUMNS = {"kid": "new kid", "alg": "alg", "activates_at": "signs from"}


def _shown(listed: "ListedKey") -> dict[str, Any]:
    return {**_new(listed.key), "state": listed.state}


def _new(key: "SigningKey") -> dict[str, Any]:
    """A key as it is shown: an instant of 0 means that there is no end."""
    return {
        "kid": key.kid,
        "alg": key.alg,
        "created_at": key.created_at,
        "activates_at": key.activates_at,
        "retires_at": key.retires_at or None,
        "removes_at": key.removes_at or None,
        "public_jwk": key.public_jwk,
    }
