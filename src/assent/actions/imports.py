"""Imports: the definitions of one document, all of them or none, and every mistake of them at once.

Owns the order of an import and what is told of it; what becomes of one definition is planned by its kind
(`apps.clients`, `permissions.roles`, `providers.providers`, `accounts.delegations`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assent.actions.changes import Planned, carry_out
from assent.actions.documents import read_items
from assent.actions.refusals import Refused
from assent.engine.server import AuthorizationServer

Kind = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, by name."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What an import does for one definition, by its name; `plan` is None where there is nothing to do."""

    name: str
    kind: Kind
    plan: Planned | None = None


async def import_all(
    server: AuthorizationServer,
    document: Any,
    list_name: str,
    named_by: str,
    plan: Callable[[Any, str], Awaitable[Step]],
) -> Imported:
    """Does what `plan` gives for each definition of `{list_name: [ … ]}`, or nothing.

    `plan` gets the definition and its JSON path; `named_by` is the member that must not be there twice, or empty.
    Raises `Refused` with every mistake by its path.
    """
    steps: dict[str, Step] = {}
    paths: dict[str, str] = {}
    mistakes: list[str] = []
    for index, item in enumerate(read_items(document, list_name)):
        path = f"{list_name}[{index}]"
        try:
            step = await plan(item, path)
        except Refused as error:
            mistakes += error.mistakes
            continue
        if step.name in steps:
            place = f"{path}.{named_by}".rstrip(".")
            mistakes.append(f"{place}: {step.name} stands at {paths[step.name]} already")
        steps[step.name], paths[step.name] = step, path
    if mistakes:
        raise Refused(mistakes)
    plans = [step.plan for step in steps.values() if step.plan is not None]
    if plans:
        await carry_out(server, plans)
    return imported({name: step.kind for name, step in steps.items()})


def imported(kinds: Mapping[str, Kind]) -> Imported:
    """What an import did, of what it did with each name."""
    of_kind: dict[Kind, list[str]] = {"added": [], "replaced": [], "unchanged": []}
    for name, kind in kinds.items():
        of_kind[kind].append(name)
    return Imported(*(tuple(names) for names in of_kind.values()))
