"""The decision on what is no reading or writing of single resources: operations, batches, transactions, patches.

Owns two questions. Do the permissions name the call? And: does all that it can read or write lie within the rights?
What cannot be answered with yes is refused, whatever the permissions name.

| call | needs besides its permission |
|---|---|
| `Patient/…/$everything`, `Encounter/…/$everything` | `rs` of the type; each resource of the answer is checked |
| `$lookup`, `$expand` and such of a terminology server | to read and search CodeSystem, ValueSet and ConceptMap |
| `$export`, `$import` | as `bulk` says |
| `$expunge` | as `upkeep` says |
| `$binary-access-read` | to read the resource, of which the attachment is a part |
| `$binary-access-write` | to read and update all of the type |
| other operations that are known to change nothing | to read and search everything |
| other operations | to do everything |
| batch | each entry is decided, sent and answered by itself |
| transaction | to do everything, and that each entry could be sent by itself |
| patch | to read and update all of the type: what would come of it is not known, and it tells what is there |

Sources: FHIR R4 operations.html, patient-operation-everything.html, http.html#transaction.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.bulk import decide_export, decide_import
from assent.spec.fhir.calling import (
    ALL_LETTERS,
    READING_LETTERS,
    check_named,
    check_unlimited,
    check_whole,
    level_of,
    limited,
    may_call,
)
from assent.spec.fhir.compartments import SUPPORTING_TYPES
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import malformed
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.upkeep import decide_expunge
from assent.spec.fhir.views import read_view
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import (
    BATCH,
    BINARY_READ,
    BINARY_WRITE,
    EXPORT,
    EXPUNGE,
    IMPORT,
    PATCH,
    READING,
    READING_BY_GET,
    TERMINOLOGY,
    TRANSACTION,
    shown_name,
)
from assent.spec.resource_types import RESOURCE_TYPES

_EVERYTHING: Final = "$everything"
_WITH_EVERYTHING: Final = frozenset({"Patient", "Encounter"})
_PARAMETERS: Final = frozenset({"_count", "_since", "_type", "start", "end"})
_SHOWING: Final = frozenset({"_elements", "_summary", "_format", "_pretty"})
_OF_OPERATIONS: Final = frozenset({"_count", "_since", "_type"})
"""Parameters of all operations that begin with an underscore; the others are the server's (`_method`, `_getpages`)."""
_ELEMENT: Final = re.compile(r"[A-Z][A-Za-z]{0,63}(\.[a-z][A-Za-z0-9]{0,63}(\[[0-9]{1,4}\])?){0,12}")
"""A path of elements alone: FHIRPath's functions could lead out of the resource (`resolve()`)."""


def decide_operation(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How an operation may be asked for. Raises Refused."""
    name, resource_type = request.operation or "", request.resource_type
    if name == EXPUNGE:
        return decide_expunge(request, rights, bases)
    check_named(rights, name, level_of(request), resource_type)
    decide_it = _OF_THEIR_OWN.get(name)
    if decide_it is not None and (name != _EVERYTHING or resource_type in _WITH_EVERYTHING):
        return decide_it(request, rights, bases)
    reads = name in READING or (name in READING_BY_GET and not request.is_posted)
    letters = READING_LETTERS if reads else ALL_LETTERS
    if name in TERMINOLOGY.get(resource_type or "", ()):
        for needed in TERMINOLOGY:
            check_whole(rights, needed, letters)
    else:
        check_unlimited(rights, letters, f"The operation {shown_name(name)}")
    visibility = Visibility(rights, bases)
    return Allow(request, "s", visibility, _passed(request.parameters), exact=False, as_it_is=True)


def decide_patch(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How a resource may be patched. Raises Refused."""
    check_named(rights, PATCH, "instance", request.resource_type)
    check_whole(rights, request.resource_type or "", ("u", "r"))  # a patch can test for any content
    return Allow(request, "u", Visibility(rights, bases))


def decide_bundle(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """Whether any Bundle may be sent at all; which one, `check_batch` and `check_transaction` say. Raises Refused."""
    if not may_call(rights, TRANSACTION, "server", None):
        check_batch(rights)
    return Allow(request, "s", Visibility(rights, bases))


def check_batch(rights: Rights) -> None:
    """Raises Refused unless batches are within the permissions."""
    check_named(rights, BATCH, "server", None)


def check_transaction(rights: Rights) -> None:
    """Raises Refused unless transactions are within the permissions, and everything within the rights.

    Its entries have to be decided besides, as if each came alone: they may be operations or conditional writes.
    """
    check_named(rights, TRANSACTION, "server", None)
    check_unlimited(rights, ALL_LETTERS, "A transaction")


def _everything(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """All about one patient, or one encounter: what of it is within the rights, as a search would find it."""
    resource_type = request.resource_type or ""
    for letter in READING_LETTERS:
        reaches_or_refusal(rights, resource_type, letter)
    if request.is_posted:
        raise malformed("$everything is asked for by GET here, its parameters in the query")
    if request.id is None and not rights.is_whole(resource_type, "s"):
        raise limited(resource_type, "s")
    return Allow(
        request,
        "s",
        Visibility(rights, bases),
        _of_types(_known(request.parameters), _shown_types(request, rights)),
        needs_current=request.id is not None and not rights.is_whole(resource_type, "s"),
        exact=False,
        view=read_view(request.parameters),
    )


def _binary_read(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """One attachment of a resource that may be read: it is a part of it, whatever it is stored as."""
    if request.is_posted:
        raise malformed(f"{BINARY_READ} is asked for by GET")
    reaches_or_refusal(rights, request.resource_type or "", "r")
    return Allow(
        request,
        "r",
        Visibility(rights, bases),
        _element(request),
        needs_current=not rights.is_whole(request.resource_type or "", "r"),
    )


def _binary_write(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """One attachment of a resource to be written; like a patch, what comes of it is not known before."""
    if not request.is_posted:
        raise malformed(f"{BINARY_WRITE} is posted")
    check_whole(rights, request.resource_type or "", ("u", "r"))
    return Allow(request, "u", Visibility(rights, bases), _element(request))


def _element(request: FhirRequest) -> Parameters:
    """The path of the attachment. Raises Refused (400)."""
    if request.id is None:
        raise malformed("An attachment is one resource's: its type and id stand in the path")
    paths = [value for name, value in request.parameters if name == "path"]
    if len(paths) != len(request.parameters) or len(paths) != 1 or not _ELEMENT.fullmatch(paths[0]):
        raise malformed(
            "path names one element, as DocumentReference.content[0].attachment; nothing else is taken"
        )
    if paths[0].partition(".")[0] != request.resource_type:
        raise malformed("path begins with the type of the resource")
    return (("path", paths[0]),)


def _known(parameters: Parameters) -> Parameters:
    """The parameters that choose by what is shown anyway. Raises Refused for others: they could tell of the rest."""
    if any(name not in _PARAMETERS | _SHOWING for name, _ in parameters):
        raise malformed("$everything takes _count, _since, _type, start and end")
    return tuple(pair for pair in parameters if pair[0] in _PARAMETERS)


def _shown_types(request: FhirRequest, rights: Rights) -> tuple[str, ...] | None:
    """The types of which everything about what is asked for may be shown; None: all of them.

    Of other types nothing is asked for: an answer's pages tell how much of them was left out.
    """
    if rights.is_unlimited("s"):
        return None
    owner = (
        {frozenset((request.id or "",))}
        if request.resource_type == "Patient"
        else _owners(rights, "Encounter")
    )
    return tuple(
        name
        for name in sorted(RESOURCE_TYPES)
        if name == request.resource_type
        or frozenset() in (reached := _owners(rights, name))
        or (owner and owner <= reached)
        or (reached and name in SUPPORTING_TYPES)
    )


def _owners(rights: Rights, resource_type: str) -> set[frozenset[str]]:
    """To whose resources the unconstrained ways in to a type are limited; the empty set: to nobody's."""
    return {
        reach.patients
        for reach in rights.reaches(resource_type, "s")
        if not reach.constraints and reach.instance is None
    }


def _of_types(parameters: Parameters, shown: tuple[str, ...] | None) -> Parameters:
    if shown is None:
        return parameters
    asked = [name for key, value in parameters if key == "_type" for name in value.split(",")]
    wanted = [name for name in shown if name in asked] if asked else list(shown)
    if not wanted:
        raise malformed("_type names no type that $everything may show with this access")
    return (*(pair for pair in parameters if pair[0] != "_type"), ("_type", ",".join(wanted)))


def _passed(parameters: Parameters) -> Parameters:
    """What of an operation's parameters is passed on. Raises Refused for those that steer the server itself."""
    kept = tuple(pair for pair in parameters if pair[0] not in ("_format", "_pretty"))
    if any(name.startswith("_") and name not in _OF_OPERATIONS for name, _ in kept):
        raise malformed(
            "Of parameters that begin with an underscore an operation takes _count, _since and _type"
        )
    return kept


_OF_THEIR_OWN: Final[Mapping[str, Callable[[FhirRequest, Rights, Bases], Allow]]] = {
    _EVERYTHING: _everything,
    EXPORT: decide_export,
    IMPORT: decide_import,
    BINARY_READ: _binary_read,
    BINARY_WRITE: _binary_write,
}
"""The operations of which more is known than whether they change something."""
