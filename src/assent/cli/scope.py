"""`assent scope explain`: what scopes mean, what a client's list allows of them, and what a request may do by them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.access import explain_access, is_request
from assent.cli.installation import on_issuer
from assent.cli.output import AsJson, example, say, show_json

if TYPE_CHECKING:
    from assent.spec.scope_sets import ScopeSet

app = typer.Typer(help="Look into scopes.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """A group also while it has one command."""


@app.command(
    "explain",
    epilog=example(
        "assent scope explain 'launch/patient patient/Observation.rs?category=laboratory'",
        "assent scope explain 'patient/*.read' --listed 'patient/Observation.rs patient/Patient.r'",
        "assent scope explain 'patient/*.rs' --client heart",
        "assent scope explain --user amy --client heart 'GET /Observation?category=laboratory'",
        "assent scope explain --client nightly --scope 'system/*.rs' 'GET /Patient/123'",
    ),
)
def explain(
    context: typer.Context,
    scopes: Annotated[list[str], typer.Argument(help="One scope, or a set; or a FHIR request.")],
    listed: Annotated[
        str | None, typer.Option(metavar="SCOPES", help="A list to meet: what of it would be granted.")
    ] = None,
    client: Annotated[
        str | None, typer.Option(metavar="CLIENT_ID", help="Take this client's list; needs an installation.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="USERNAME", help="Who makes the request by the client; else it alone."),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(metavar="SCOPES", help="What the client asks for; all of its list by default."),
    ] = None,
    patient: Annotated[
        str | None, typer.Option(metavar="PATIENT", help="The patient in context; the only one by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what scopes mean, and what a client's list leaves of them; or why a FHIR request would be allowed or refused.

    Malformed scopes are told, with the rule. A request is decided as the gateway does: status 0 allowed, 1 refused.
    """
    if is_request(" ".join(scopes)):
        if client is None or listed is not None:
            raise typer.BadParameter(
                "a request is explained for a client: name it with --client, without --listed"
            )
        from assent.actions.explanations import Question

        question = Question(client, " ".join(scopes), user, scope, patient)
        explain_access(context, question, as_json=as_json)
    if user is not None or scope is not None or patient is not None:
        raise typer.BadParameter(
            "--user, --scope and --patient are for a request, which begins with its method: 'GET /Observation'"
        )
    if listed is not None and client is not None:
        raise typer.BadParameter("give either --listed or --client")
    words = " ".join(scopes).split()
    if not words:
        raise typer.BadParameter("name at least one scope")
    wide = _listed(context, listed, client)
    rows = [_explained(word, wide) for word in words]
    if as_json:
        show_json({"scopes": rows})
    else:
        for row in rows:
            _say(row)
    raise typer.Exit(1 if any("rule" in row for row in rows) else 0)


def _listed(context: typer.Context, listed: str | None, client_id: str | None) -> "ScopeSet | None":
    from assent.actions.apps.clients import get_client
    from assent.actions.refusals import Refused
    from assent.spec.scope_sets import read_scope_definition
    from assent.spec.scopes import MalformedScope

    if client_id is not None:
        client = on_issuer(context, lambda opened: get_client(opened.server, client_id))
        return read_scope_definition(client.scope)
    try:
        return None if listed is None else read_scope_definition(listed)
    except MalformedScope as error:
        raise Refused([f"--listed: {error}"]) from error


def _explained(text: str, wide: "ScopeSet | None") -> dict[str, Any]:
    from assent.spec.scope_sets import read_scope_definition
    from assent.spec.scopes import MalformedScope, canonical_text
    from assent.web.languages import read_messages
    from assent.web.words import describe_scope

    try:
        [scope] = read_scope_definition([text])
    except MalformedScope as error:
        return {"scope": text, "rule": error.rule}
    words = describe_scope(scope, read_messages("en"))
    row: dict[str, Any] = {
        "scope": text,
        "canonical": canonical_text(scope),
        "title": words.title,
        "meaning": words.long,
    }
    if wide is not None:
        row["granted"] = list(read_scope_definition([text]).meet(wide).texts)
    return row


def _say(row: dict[str, Any]) -> None:
    say(row["scope"])
    if "rule" in row:
        say(f"  is malformed and would be ignored: {row['rule']}")
        return
    say(f"  {row['title']}. {row['meaning']}")
    if row["canonical"] != row["scope"]:
        say(f"  canonical: {row['canonical']}")
    if "granted" in row:
        granted = " ".join(row["granted"])
        say(f"  granted of it: {granted or 'nothing, as the list has nothing in common with it'}")
