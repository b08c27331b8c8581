"""The decision: is this FHIR request allowed, in which form, and what must be checked on the way.

Owns the order of the questions. Type and interaction first, before any record is looked at, so that the answer
tells nothing about records; then the search parameters; then, by `answers`, every resource sent and returned.

| interaction | letter | decision |
|---|---|---|
| metadata, smart-configuration | | for anyone |
| read | r | allowed; the resource is checked |
| vread, instance history | r | the resource as it stands is checked, then each version |
| type search, in a patient's compartment too | s | narrowed; each resource is checked |
| type history | s | only where all of the type is within the rights |
| create | c | what is sent is checked |
| update | u | the resource as it stands, if there is one, and what is sent are checked |
| delete | d | the resource as it stands is checked |
| patch | u | refused: what would come of it is not known |
| system search and history, other compartments | s | refused: would answer with types of every kind |
| batch, transaction, operations, conditional writes | | refused: cannot be decided |

Sources: SMART App Launch 2.2, scopes-and-launch-context; FHIR R4 RESTful API 3.1.0.
"""

from dataclasses import dataclass, replace
from typing import Final

from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import LETTERS, PUBLIC, FhirRequest, Interaction, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import malformed, undecidable
from assent.spec.fhir.rights import Letter, Rights
from assent.spec.fhir.search import read_search
from assent.spec.fhir.views import WHOLE, View, read_view
from assent.spec.fhir.visibility import Visibility

_UNDECIDED: Final[dict[Interaction, tuple[str, str]]] = {
    "batch": ("A batch or transaction", "send each entry as a request of its own"),
    "operation": ("An operation", "read and search give the same data, checked"),
    "patch": ("Patch", "read, change and update the resource"),
    "search_system": ("A search of all types", "search each type"),
    "history_system": ("History of all types", "ask for each resource's history"),
    "search_compartment": ("This compartment", "search each type in a patient's compartment"),
}
_HISTORY: Final = frozenset({"_count", "_since", "_at"})
_LOOKED_AT: Final = frozenset({"vread", "history_instance", "update", "delete"})


@dataclass(frozen=True, slots=True)
class Allow:
    """A request to pass on, and what its answer is checked against. Made by `decide`."""

    request: FhirRequest
    letter: Letter
    visibility: Visibility
    parameters: Parameters = ()
    """The query to pass on, narrowed."""
    needs_current: bool = False
    """Whether the resource as it stands is to be fetched and checked before (`answers.check_current`)."""
    exact: bool = True
    """Whether a total in the answer counts nothing but what is allowed."""
    view: View = WHOLE


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a further page of an answer needs to know of the first. To be sealed with the server's link."""

    interaction: Interaction
    resource_type: str
    id: str | None
    exact: bool
    view: View


def is_public(request: FhirRequest) -> bool:
    """Whether anyone may ask this, without a token."""
    return request.interaction in PUBLIC


def decide(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How `request`, not a public one, may be made under `rights`.

    `bases` are the URLs under which the FHIR server is known in references. Raises Refused.
    """
    if request.interaction in _UNDECIDED:
        raise undecidable(*_UNDECIDED[request.interaction])
    resource_type = request.resource_type or ""
    letter = LETTERS[request.interaction]
    reaches_or_refusal(rights, resource_type, letter)
    visibility = Visibility(rights, bases)
    if request.interaction == "search_type":
        search = read_search(request, rights, bases)
        return Allow(request, letter, visibility, search.parameters, exact=search.exact, view=search.view)
    whole = rights.is_whole(resource_type, letter)
    if request.interaction == "history_type" and not whole:
        raise undecidable("History of a type", "ask for each resource's history")
    return Allow(
        request,
        letter,
        visibility,
        _history_parameters(request),
        needs_current=request.interaction in _LOOKED_AT and not whole,
        exact=whole,
        view=read_view(request.parameters),
    )


def continuation_of(allow: Allow) -> Continuation:
    """What the next pages of the answer to `allow` need."""
    request = allow.request
    return Continuation(request.interaction, request.resource_type or "", request.id, allow.exact, allow.view)


def decide_continuation(continuation: Continuation, rights: Rights, bases: Bases) -> Allow:
    """How a further page may be fetched under the rights as they are now. Raises Refused.

    The server's link carries the narrowing of the first page; every resource is checked against today's rights.
    """
    request = FhirRequest(continuation.interaction, continuation.resource_type, continuation.id)
    allow = decide(request, rights, bases)
    return replace(allow, parameters=(), exact=allow.exact and continuation.exact, view=continuation.view)


def _history_parameters(request: FhirRequest) -> Parameters:
    if not request.interaction.startswith("history"):
        return ()
    asked = [
        pair
        for pair in request.parameters
        if not pair[0].startswith(("_format", "_pretty", "_elements", "_summary"))
    ]
    if any(name not in _HISTORY for name, _ in asked):
        raise malformed("A history takes _count, _since and _at")
    return tuple(asked)
