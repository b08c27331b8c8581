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
| system search and history, other compartments | s | refused: would answer with types of every kind |
| operations, batch, transaction, patch | | as `calls` says |
| cascading deletion, rewriting of history | | as `upkeep` says |
| status and files of an export or import | | by the sealed links that it was answered with |
| conditional writes | | refused: cannot be decided |

Sources: SMART App Launch 2.2, scopes-and-launch-context; FHIR R4 RESTful API 3.1.0.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from assent.spec.fhir.allowed import Allow, Continuation
from assent.spec.fhir.calls import decide_bundle, decide_operation, decide_patch
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import BULK, LETTERS, PUBLIC, FhirRequest, Interaction, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import malformed, undecidable
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.search import read_search
from assent.spec.fhir.upkeep import decide_cascade, decide_rewrite
from assent.spec.fhir.views import read_view
from assent.spec.fhir.visibility import Visibility

_UNDECIDED: Final[dict[Interaction, tuple[str, str]]] = {
    "search_system": ("A search of all types", "search each type"),
    "history_system": ("History of all types", "ask for each resource's history"),
    "search_compartment": ("This compartment", "search each type in a patient's compartment"),
}
_HISTORY: Final = frozenset({"_count", "_since", "_at"})
_CALLS: Final[dict[Interaction, Callable[[FhirRequest, Rights, Bases], Allow]]] = {
    "operation": decide_operation,
    "patch": decide_patch,
    "batch": decide_bundle,
    "delete_cascading": decide_cascade,
    "rewrite_history": decide_rewrite,
}
_LOOKED_AT: Final = frozenset({"vread", "history_instance", "update", "delete"})


def is_public(request: FhirRequest) -> bool:
    """Whether anyone may ask this, without a token."""
    return request.interaction in PUBLIC


def decide(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How `request`, not a public one, may be made under `rights`.

    `bases` are the URLs under which the FHIR server is known in references. Raises Refused.
    """
    if request.interaction in _UNDECIDED:
        raise undecidable(*_UNDECIDED[request.interaction])
    if request.interaction in BULK:
        raise malformed("Status and files of an export are asked for by the links that it was answered with")
    if request.interaction in _CALLS:
        return _CALLS[request.interaction](request, rights, bases)
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


def decide_continuation(continuation: Continuation, rights: Rights, bases: Bases) -> Allow:
    """How a further page may be fetched under the rights as they are now. Raises Refused.

    The server's link carries the narrowing of the first page; every resource is checked against today's rights.
    """
    of = continuation
    request = FhirRequest(of.interaction, of.resource_type or None, of.id, operation=of.operation)
    allow = decide(request, rights, bases)
    return replace(allow, parameters=(), exact=allow.exact and of.exact, view=of.view)


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
