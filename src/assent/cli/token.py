"""`assent token inspect`: what stands in a token, and what it is worth at this installation."""

from typing import Annotated, Any

import typer

from assent.cli.input import read_line
from assent.cli.installation import Opened, on_issuer, target_of
from assent.cli.output import AsJson, example, moment, printable, remark, say, show_json

app = typer.Typer(help="Look into tokens.", no_args_is_help=True, rich_markup_mode=None)

_INSTANTS = ("exp", "iat", "nbf", "auth_time")


@app.callback()
def _group() -> None:
    """A group also while it has one command."""


@app.command(
    "inspect", epilog=example("assent token inspect < token.txt", "pbpaste | assent token inspect -")
)
def inspect(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="A JWT; - or nothing reads standard input.")] = "-",
    as_json: AsJson = False,
) -> None:
    """Decode a JWT, and, where there is an installation, say whether it is good there now."""
    from assent.actions.refusals import Refused
    from assent.spec.jose import BadToken, read_unverified

    if token == "-":
        text = read_line().strip()
    else:
        text = token
        remark(
            "A token is a secret: arguments are seen by others on this machine; better use standard input."
        )
    try:
        unverified = read_unverified(text)
    except BadToken as error:
        raise Refused([f"this is no JWT: {error}"]) from error
    shown: dict[str, Any] = {"header": unverified.header, "claims": unverified.claims}
    if target_of(context).config.exists():
        shown["worth"] = on_issuer(context, lambda opened: _worth(opened, text))
    else:
        shown["worth"] = "not verified: there is no installation here (--config)"
    if as_json:
        show_json(shown)
        return
    for part in ("header", "claims"):
        say(part)
        for name, value in shown[part].items():
            words = moment(value) if name in _INSTANTS and type(value) is int else printable(str(value))
            say(f"  {printable(name)}: {words}")
    say(f"worth: {shown['worth']}")


async def _worth(opened: Opened, token: str) -> str:
    """What our own access token is worth now; of another token, whether we signed it."""
    from assent.engine.bearer import look_at_token
    from assent.engine.issue import ACCESS_TOKEN_TYPE, ID_TOKEN_TYPE
    from assent.spec.errors import InvalidToken
    from assent.spec.jose import BadToken, read_unverified

    server = opened.server
    if read_unverified(token).header.get("typ") == ACCESS_TOKEN_TYPE:
        try:
            await look_at_token(server, token)
        except InvalidToken as error:
            return f"not good here: {error.detail}"
        return "a good access token of this issuer"
    try:
        claims = await server.keys.verify(token, ID_TOKEN_TYPE)
    except BadToken as error:
        return f"not of this issuer: {error}"
    is_over = claims.get("exp", 0) <= server.now()
    return "an ID token of this issuer" + (", expired" if is_over else "")
