"""What every call needs: that the permissions name it, and that all it can touch lies within the rights.

Owns these two questions, and the words of their refusals: what would allow it. Which call needs which of them is
`calls`', `bulk`'s and `upkeep`'s.

Source: docs/decisions/0035.
"""

from collections.abc import Iterator
from typing import Final

from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import FhirRequest
from assent.spec.fhir.refusals import Refused, forbidden
from assent.spec.fhir.rights import VERBS, Letter, Rights
from assent.spec.operation_permissions import (
    BATCH,
    CALLS,
    CASCADE,
    EXPUNGES,
    EXTENDED,
    PATCH,
    REWRITE,
    TRANSACTION,
    Level,
    names,
    shown_name,
)
from assent.spec.permissions import Verb

READING_LETTERS: Final[tuple[Letter, ...]] = ("r", "s")
ALL_LETTERS: Final[tuple[Letter, ...]] = ("c", "r", "u", "d", "s")

_SAID: Final = {
    BATCH: "A batch",
    TRANSACTION: "A transaction",
    PATCH: "A patch",
    CASCADE: "A cascading deletion",
    REWRITE: "A rewriting of history",
    **{name: f"An {name}" for name in EXPUNGES.values()},
}
_PERMISSIONS: Final[dict[Verb, str]] = {
    "read": "FHIR_ALL_READ",
    "write": "FHIR_ALL_WRITE",
    "delete": "FHIR_ALL_DELETE",
}


def may_call(rights: Rights, name: str, level: Level, resource_type: str | None) -> bool:
    """Whether the permissions name this call."""
    return any(
        power.call is not None
        and power.call.level == level
        and names(power.call, name)
        and (level == "server" or power.resource_type in ("*", resource_type))
        for power in rights.powers
    )


def check_named(rights: Rights, name: str, level: Level, resource_type: str | None) -> None:
    """Raises Refused unless the permissions name this call."""
    if may_call(rights, name, level, resource_type):
        return
    would = " or ".join(_opening(name, level, resource_type))
    if name.startswith("$"):
        raise forbidden(f"This access does not include the operation {shown_name(name)}", f"{would} would")
    raise forbidden(f"{_SAID[name]} is not within this access", f"{would} would allow it")


def check_unlimited(rights: Rights, letters: tuple[Letter, ...], what: str) -> None:
    """Raises Refused unless everything is within the rights for each of `letters`."""
    if all(rights.is_unlimited(letter) for letter in letters):
        return
    wanted = "".join(letters)
    context = "system" if rights.acting == "client" else "user"
    verbs = {VERBS[letter] for letter in letters}
    permissions = " and ".join(name for verb, name in _PERMISSIONS.items() if verb in verbs)
    raise forbidden(
        f"{what} is for an access to everything",
        f"what it reads and writes cannot be checked: {context}/*.{wanted} with {permissions} would allow it",
    )


def check_whole(rights: Rights, resource_type: str, letters: tuple[Letter, ...]) -> None:
    """Raises Refused unless all of the type is within the rights for each of `letters`."""
    for letter in letters:
        reaches_or_refusal(rights, resource_type, letter)
        if not rights.is_whole(resource_type, letter):
            raise limited(resource_type, letter)


def limited(resource_type: str, letter: Letter) -> Refused:
    """The refusal of what needs all of a type."""
    detail = (
        f"what it reads and writes cannot be checked: rights to all of {resource_type} for the letter {letter} would "
        "allow it; reading and writing single resources is checked one by one"
    )
    return forbidden(f"This is for an access to all of {resource_type}", detail)


def level_of(request: FhirRequest) -> Level:
    """Where an operation is asked for."""
    if request.resource_type is None:
        return "server"
    return "type" if request.id is None else "instance"


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
