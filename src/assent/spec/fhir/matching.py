"""Does a resource fulfil the clauses of a granular scope, such as `category=laboratory`?

Owns matching on content: token, reference, string and uri parameters whose elements are known. What cannot be
decided here (dates, quantities, composites, parameters without elements, unknown ones) is not fulfilled; so is
`system|code` against a plain `code` element, whose system the resource does not say.

Sources: FHIR R4 Search 3.1.1.5 (parameter types), 3.1.1.4.3 (escaping); SMART App Launch 2.2, finer-grained
resource constraints.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from assent.spec.constraints import Constraints
from assent.spec.fhir.elements import values_at
from assent.spec.fhir.references import Bases, local_reference
from assent.spec.fhir.search_parameters import SearchParameter, find

_DIVIDED: Final = {divider: re.compile(rf"(?:[^\\{divider}]|\\.)*") for divider in (",", "|")}
_DECIDED: Final = frozenset({"token", "reference", "string", "uri"})
_NAME_PARTS: Final = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS: Final = ("text", "line", "city", "district", "state", "postalCode", "country")


def fulfils(resource: Mapping[str, Any], constraints: Constraints, bases: Bases) -> bool:
    """Whether `resource` fulfils every clause of `constraints`."""
    resource_type = str(resource.get("resourceType"))
    return all(
        _fulfils_clause(resource, find(resource_type, name), value, bases) for name, value in constraints
    )


def are_decidable(resource_type: str, constraints: Constraints) -> bool:
    """Whether every clause is one that `fulfils` can decide for resources of this type."""
    found = (find(resource_type, name) for name, _ in constraints)
    return all(
        parameter is not None and parameter.kind in _DECIDED and parameter.paths for parameter in found
    )


def alternatives(value: str) -> list[str]:
    """The alternatives of a search value, divided by commas that are not escaped; escapes stay."""
    return split_escaped(value, ",")


def split_escaped(text: str, divider: str) -> list[str]:
    """`text` at each `divider` (`,` or `|`) that no backslash escapes; escapes stay."""
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


def _fulfils_clause(
    resource: Mapping[str, Any], parameter: SearchParameter | None, value: str, bases: Bases
) -> bool:
    if parameter is None:
        return False
    values = [item for path in parameter.paths for item in values_at(resource, path)]
    match parameter.kind:
        case "token":
            tokens = [token for item in values for token in _tokens(item)]
            return any(_matches_token(wanted, tokens) for wanted in alternatives(value))
        case "reference":
            return any(_matches_reference(wanted, values, parameter, bases) for wanted in alternatives(value))
        case "string":
            texts = [_folded(text) for item in values for text in _texts(item)]
            wanted_texts = [_folded(unescape(wanted)) for wanted in alternatives(value)]
            return any(text.startswith(wanted) for wanted in wanted_texts if wanted for text in texts)
        case "uri":
            return any(unescape(wanted) in values for wanted in alternatives(value))
        case _:
            return False


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


def _matches_token(wanted: str, tokens: list[tuple[str | None, str | None]]) -> bool:
    parts = [unescape(part) for part in split_escaped(wanted, "|")]
    match parts:
        case [code] if code:
            return any(code == held for _, held in tokens)
        case ["", code] if code:
            return any(code == held and system is None for system, held in tokens)
        case [system, ""] if system:
            return any(system == held for held, _ in tokens)
        case [system, code] if system and code:
            return (system, code) in tokens
        case _:
            return False


def _matches_reference(wanted: str, values: list[Any], parameter: SearchParameter, bases: Bases) -> bool:
    text = unescape(wanted)
    target = local_reference(text, bases)
    held = [value.get("reference") for value in values if isinstance(value, Mapping)]
    held += [value for value in values if isinstance(value, str)]
    for reference in (item for item in held if isinstance(item, str)):
        if reference == text:
            return True
        local = local_reference(reference, bases)
        if local is None or (parameter.targets and local.resource_type not in parameter.targets):
            continue
        if local == target or (target is None and local.id == text):
            return True
    return False


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
