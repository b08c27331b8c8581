"""Does a resource fulfil the clauses of a granular scope, such as `category=laboratory`?

Owns matching on content: token, reference, string and uri parameters whose elements are known. What cannot be
decided here (dates, quantities, composites, parameters without elements, unknown ones) is not fulfilled; so is
`system|code` against a plain `code` element, whose system the resource does not say.

A clause is read once, into the forms that it wants; a resource's elements are read once for each parameter, into the
forms that they hold. A clause is fulfilled where a form is in both, so that many clauses on many resources cost little.

Sources: FHIR R4 Search 3.1.1.5 (parameter types), 3.1.1.4.3 (escaping); SMART App Launch 2.2, finer-grained
resource constraints.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assent.spec.constraints import Constraints
from assent.spec.fhir.elements import values_at
from assent.spec.fhir.references import Bases, local_reference
from assent.spec.search_parameters import SearchParameter, find

_DIVIDED: Final = {divider: re.compile(rf"(?:[^\\{divider}]|\\.)*") for divider in (",", "|")}
_NAME_PARTS: Final = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS: Final = ("text", "line", "city", "district", "state", "postalCode", "country")

Forms = frozenset[Hashable]
"""What a clause wants or elements hold, in forms that are equal where the one matches the other."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A parameter and the forms of which one has to be held. Made by `read_clauses`."""

    parameter: SearchParameter
    wanted: Forms
    lengths: tuple[int, ...] = ()
    """Of a string parameter, whose wanted forms are beginnings of texts: how long those are."""


@dataclass(frozen=True, slots=True)
class Content:
    """One resource at the FHIR server that answers at `bases`; what its elements hold is read when first asked."""

    resource: Mapping[str, Any]
    bases: Bases
    _held: dict[str, Forms] = field(default_factory=dict, init=False, compare=False, repr=False)

    def held(self, parameter: SearchParameter) -> Forms:
        """The forms that the parameter's elements hold."""
        found = self._held.get(parameter.name)
        if found is None:
            values = [item for path in parameter.paths for item in values_at(self.resource, path)]
            found = self._held[parameter.name] = frozenset(_held_forms(parameter, values, self.bases))
        return found

    def fulfils(self, clauses: tuple[Clause, ...]) -> bool:
        """Whether every one of `clauses`, read for the resource's type, is fulfilled."""
        return all(
            _begins(self.held(clause.parameter), clause)
            if clause.parameter.kind == "string"
            else not clause.wanted.isdisjoint(self.held(clause.parameter))
            for clause in clauses
        )


def read_clauses(resource_type: str, constraints: Constraints) -> tuple[Clause, ...] | None:
    """`constraints` for resources of this type; None where one of them cannot be decided, and none is fulfilled."""
    clauses = []
    for name, value in constraints:
        parameter = find(resource_type, name)
        if parameter is None or not parameter.is_decidable:
            return None
        wanted = frozenset(_wanted_forms(parameter, value))
        lengths = tuple({len(str(text)) for text in wanted}) if parameter.kind == "string" else ()
        clauses.append(Clause(parameter, wanted, lengths))
    return tuple(clauses)


def alternatives(value: str) -> list[str]:
    """The alternatives of a search value, divided by commas that are not escaped; escapes stay."""
    return split_escaped(value, ",")


def split_escaped(text: str, divider: str) -> list[str]:
    """`text` at each `divider` (`,` or `|`) that no backslash escapes; escapes stay."""
    if "\\" not in text:
        return text.split(divider)
    parts, at = [], 0
    while True:
        match = _DIVIDED[divider].match(text, at)
        end = match.end() if match else len(text)
        parts.append(text[at:end])
        if end >= len(text) or text[end] != divider:
            return parts
        at = end + 1


def unescape(text: str) -> str:
    """`text` with the escapes of FHIR's search values undone."""
    return re.sub(r"\\([\\,|$])", r"\1", text)


def _wanted_forms(parameter: SearchParameter, value: str) -> Iterator[Hashable]:
    for wanted in alternatives(value):
        match parameter.kind:
            case "token":
                yield from _wanted_token([unescape(part) for part in split_escaped(wanted, "|")])
            case "reference":
                yield from _wanted_reference(unescape(wanted))
            case "string":
                if folded := _folded(unescape(wanted)):
                    yield folded
            case _:
                yield unescape(wanted)


def _held_forms(parameter: SearchParameter, values: list[Any], bases: Bases) -> Iterator[Hashable]:
    for item in values:
        match parameter.kind:
            case "token":
                for system, code in _tokens(item):
                    yield from (("code", code), ("system", system), ("both", system, code))
            case "reference":
                yield from _held_reference(item, parameter, bases)
            case "string":
                yield from map(_folded, _texts(item))
            case _ if isinstance(item, str):
                yield item


def _wanted_token(parts: list[str]) -> Iterator[Hashable]:
    """`code`: of any system; `|code`: of none; `system|`: any code of it."""
    match parts:
        case [code] if code:
            yield "code", code
        case ["", code] if code:
            yield "both", None, code
        case [system, ""] if system:
            yield "system", system
        case [system, code] if system and code:
            yield "both", system, code
        case _:
            return


def _tokens(item: Any) -> Iterator[tuple[str | None, str | None]]:
    """The (system, code) pairs of a CodeableConcept, Coding, Identifier, ContactPoint, code or boolean."""
    if isinstance(item, bool):
        yield None, "true" if item else "false"
    elif isinstance(item, str):
        yield None, item
    elif isinstance(item, Mapping):
        codings = item.get("coding")
        if isinstance(codings, list):
            for coding in codings:
                yield from _tokens(coding)
        elif isinstance(code := item.get("code", item.get("value")), str):
            system = item.get("system")
            yield (system if isinstance(system, str) else None), code


def _wanted_reference(text: str) -> Iterator[Hashable]:
    """The reference as it stands, and whatever version it names."""
    yield "text", text
    current, _, version = text.partition("/_history/")
    yield "local", current if version and "/" in current else text


def _held_reference(item: Any, parameter: SearchParameter, bases: Bases) -> Iterator[Hashable]:
    """The reference as it stands and, where it names a resource of ours, the ways in which a clause may name that."""
    text = item.get("reference") if isinstance(item, Mapping) else item
    if not isinstance(text, str):
        return
    yield "text", text
    local = local_reference(text, bases)
    if local is None or (parameter.targets and local.resource_type not in parameter.targets):
        return
    yield "local", local.id
    yield "local", local.text
    yield from (("local", f"{base}/{local.text}") for base in bases)


def _begins(held: Forms, clause: Clause) -> bool:
    return any(text[:length] in clause.wanted for text in map(str, held) for length in clause.lengths)


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, Mapping):
        for part in dict.fromkeys((*_NAME_PARTS, *_ADDRESS_PARTS)):
            found = item.get(part)
            for text in found if isinstance(found, list) else (found,):
                if isinstance(text, str):
                    yield text


def _folded(text: str) -> str:
    """Without case and combining marks, as strings are compared (Search 3.1.1.5.9)."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
