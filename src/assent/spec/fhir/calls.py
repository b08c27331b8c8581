"""The decision on what is no reading or writing of single resources: operations, batches, transactions, patches.

Owns two questions. Do the permissions name the call? And: does all that it can read or write lie within the rights?
What cannot be answered with yes is refused, whatever the permissions name.

| call | needs besides its permission |
|---|---|
| `Patient/…/$everything`, `Encounter/…/$everything` | `rs` of the type; each resource of the answer is checked |
| `$lookup`, `$expand` and such of a terminology server | to read and search CodeSystem, ValueSet and ConceptMap |
| other operations that are known to change nothing | to read and search everything |
| other operations | to do everything |
| batch | each entry is decided, sent and answered by itself |
| transaction | to do everything, and that each entry could be sent by itself |
| patch | to read and update all of the type: what would come of it is not known, and it tells what is there |

Sources: FHIR R4 operations.html, patient-operation-everything.html, http.html#transaction.
"""

from collections.abc import Iterator
from typing import Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.compartments import SUPPORTING_TYPES
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import Refused, forbidden, malformed
from assent.spec.fhir.rights import Letter, Rights
from assent.spec.fhir.views import read_view
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import (
    BATCH,
    CALLS,
    EXTENDED,
    PATCH,
    READING,
    READING_BY_GET,
    TERMINOLOGY,
    TRANSACTION,
    Level,
    names,
    shown_name,
)
from assent.spec.resource_types import RESOURCE_TYPES

_EVERYTHING: Final = "$everything"
_WITH_EVERYTHING: Final = frozenset({"Patient", "Encounter"})
_PARAMETERS: Final = frozenset({"_count", "_since", "_type", "start", "end"})
_SHOWING: Final = frozenset({"_elements", "_summary", "_format", "_pretty"})
_OF_OPERATIONS: Final = frozenset({"_count", "_since", "_type"})
"""Parameters of all operations that begin with an underscore; the others are the server's (`_method`, `_getpages`)."""
_READ: Final[tuple[Letter, ...]] = ("r", "s")
_ALL: Final[tuple[Letter, ...]] = ("c", "r", "u", "d", "s")


def decide_operation(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How an operation may be asked for. Raises Refused."""
    name, resource_type = request.operation or "", request.resource_type
    _check_named(rights, name, _level(request), resource_type)
    if name == _EVERYTHING and resource_type in _WITH_EVERYTHING:
        return _everything(request, rights, bases)
    reads = name in READING or (name in READING_BY_GET and not request.is_posted)
    letters = _READ if reads else _ALL
    if name in TERMINOLOGY.get(resource_type or "", ()):
        for needed in TERMINOLOGY:
            _check_whole(rights, needed, letters)
    else:
        check_unlimited(rights, letters, f"The operation {shown_name(name)}")
    visibility = Visibility(rights, bases)
    return Allow(request, "s", visibility, _passed(request.parameters), exact=False, as_it_is=True)


def decide_patch(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How a resource may be patched. Raises Refused."""
    _check_named(rights, PATCH, "instance", request.resource_type)
    _check_whole(rights, request.resource_type or "", ("u", "r"))  # a patch can test for any content
    return Allow(request, "u", Visibility(rights, bases))


def decide_bundle(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """Whether any Bundle may be sent at all; which one, `check_batch` and `check_transaction` say. Raises Refused."""
    if not may_call(rights, TRANSACTION, "server", None):
        check_batch(rights)
    return Allow(request, "s", Visibility(rights, bases))


def check_batch(rights: Rights) -> None:
    """Raises Refused unless batches are within the permissions."""
    _check_named(rights, BATCH, "server", None)


def check_transaction(rights: Rights) -> None:
    """Raises Refused unless transactions are within the permissions, and everything within the rights.

    Its entries have to be decided besides, as if each came alone: they may be operations or conditional writes.
    """
    _check_named(rights, TRANSACTION, "server", None)
    check_unlimited(rights, _ALL, "A transaction")


def check_unlimited(rights: Rights, letters: tuple[Letter, ...], what: str) -> None:
    """Raises Refused unless everything is within the rights for each of `letters`."""
    if all(rights.is_unlimited(letter) for letter in letters):
        return
    wanted = "".join(letters)
    context = "system" if rights.acting == "client" else "user"
    permissions = "FHIR_ALL_READ" if letters == _READ else "FHIR_ALL_READ, FHIR_ALL_WRITE and FHIR_ALL_DELETE"
    raise forbidden(
        f"{what} is for an access to everything",
        f"what it reads and writes cannot be checked: {context}/*.{wanted} with {permissions} would allow it",
    )


def may_call(rights: Rights, name: str, level: Level, resource_type: str | None) -> bool:
    """Whether the permissions name this call."""
    return any(
        power.call is not None
        and power.call.level == level
        and names(power.call, name)
        and (level == "server" or power.resource_type in ("*", resource_type))
        for power in rights.powers
    )


def _check_named(rights: Rights, name: str, level: Level, resource_type: str | None) -> None:
    if may_call(rights, name, level, resource_type):
        return
    would = " or ".join(_opening(name, level, resource_type))
    if name.startswith("$"):
        raise forbidden(f"This access does not include the operation {shown_name(name)}", f"{would} would")
    what = {BATCH: "A batch", TRANSACTION: "A transaction", PATCH: "A patch"}[name]
    raise forbidden(f"{what} is not within this access", f"{would} would allow it")


def _opening(name: str, level: Level, resource_type: str | None) -> Iterator[str]:
    """The permissions that open a call, the narrowest first; the roles that open everything are not named."""
    for permission, calls in CALLS.items():
        for one_type, call in calls:
            if (call.name, call.level) == (name, level) and (
                level == "server" or one_type in ("*", resource_type)
            ):
                yield permission
    if name.startswith("$"):
        argument = name if resource_type is None else f"{resource_type}:{name}"
        what = f"the argument {argument}" if shown_name(name) == name else "its name as the argument"
        yield f"{next(one for one, at in EXTENDED.items() if at == level)} with {what}"


def _level(request: FhirRequest) -> Level:
    if request.resource_type is None:
        return "server"
    return "type" if request.id is None else "instance"


def _everything(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """All about one patient, or one encounter: what of it is within the rights, as a search would find it."""
    resource_type = request.resource_type or ""
    for letter in _READ:
        reaches_or_refusal(rights, resource_type, letter)
    if request.is_posted:
        raise malformed("$everything is asked for by GET here, its parameters in the query")
    if request.id is None and not rights.is_whole(resource_type, "s"):
        raise _limited(resource_type, "s")
    return Allow(
        request,
        "s",
        Visibility(rights, bases),
        _of_types(_known(request.parameters), _shown_types(request, rights)),
        needs_current=request.id is not None and not rights.is_whole(resource_type, "s"),
        exact=False,
        view=read_view(request.parameters),
    )


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


def _check_whole(rights: Rights, resource_type: str, letters: tuple[Letter, ...]) -> None:
    for letter in letters:
        reaches_or_refusal(rights, resource_type, letter)
        if not rights.is_whole(resource_type, letter):
            raise _limited(resource_type, letter)


def _limited(resource_type: str, letter: Letter) -> Refused:
    detail = (
        f"what it reads and writes cannot be checked: rights to all of {resource_type} for the letter {letter} would "
        "allow it; reading and writing single resources is checked one by one"
    )
    return forbidden(f"This is for an access to all of {resource_type}", detail)
