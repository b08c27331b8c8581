"""What `assent scope explain` says of a FHIR request: allowed or refused, by what, and why."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from assent.cli.installation import Opened, on_issuer
from assent.cli.output import remark, say, show_json

if TYPE_CHECKING:
    from assent.actions.explanations import Explanation, Question
    from assent.app.settings import Settings
    from assent.fhir.upstream import Upstream

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def is_request(words: str) -> bool:
    """Whether the arguments are a request such as `GET /Observation`, and no scopes."""
    method, _, target = words.strip().partition(" ")
    return method.upper() in _METHODS and bool(target)


def explain_access(context: typer.Context, question: "Question", *, as_json: bool) -> NoReturn:
    """Tells the gateway's decision, and exits: 0 allowed, 1 refused."""
    from assent.actions.explanations import explain_request

    async def run(opened: Opened) -> "Explanation":
        return await explain_request(opened.server, opened.records, opened.upstream, question)

    explained = on_issuer(context, run, _records_of)
    if as_json:
        show_json(_shown(question, explained))
    else:
        _say(question, explained)
    raise typer.Exit(0 if explained.is_allowed else 1)


def _records_of(settings: "Settings") -> "Upstream | None":
    """A demo's records, which are made anew here; None: those of the configured FHIR server."""
    if not settings.demo:
        return None
    from assent.app.demo import demo_upstream

    remark("A demo: what its apps have written since it was started is not seen here.")
    return demo_upstream(settings)


def _shown(question: "Question", explained: "Explanation") -> dict[str, Any]:
    shown = asdict(explained)
    shown["allowed"] = shown.pop("is_allowed")
    shown["grounds"] = [asdict(ground) for ground in explained.grounds]
    shown["sent_on"] = [list(pair) for pair in explained.sent_on] if explained.sent_on is not None else None
    return {"client_id": question.client_id, "username": question.username, **shown}


def _say(question: "Question", explained: "Explanation") -> None:
    who = (
        f"{question.username} by {question.client_id}" if question.username else f"{question.client_id} alone"
    )
    context = f", in the record of Patient/{explained.patient}" if explained.patient else ""
    say(explained.request)
    if explained.is_allowed:
        say("  allowed" if explained.rule == "Allowed" else f"  allowed: {explained.rule}")
    else:
        say(f"  refused with {explained.status}: {explained.rule}")
        if explained.detail != explained.rule:
            say(f"  because {explained.detail}")
    say(f"  who      {who}{context}")
    say(f"  scope    {explained.scope or 'none'}")
    if explained.interaction is not None:
        letter = f", letter {explained.letter}" if explained.letter else ""
        say(f"  asks for {explained.interaction}{letter}")
    for ground in explained.grounds:
        records = " and at once of ".join(ground.patients)
        where = ground.instance or records or "everybody's"
        say(f"  by       {ground.scope} with {ground.held_by}: {where}")
    if explained.sent_on is not None:
        query = "&".join(f"{name}={value}" for name, value in explained.sent_on)
        say(f"  sent on  {f'?{query}' if query else 'without a query'}")
    if explained.is_allowed and explained.detail:
        say(f"  and      {explained.detail}")
    if question.username and explained.patient is None and "patient/" in explained.scope:
        say("  but      no patient is in context here: --patient says whose record the app was opened for")
