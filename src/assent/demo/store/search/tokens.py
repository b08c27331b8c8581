"""Token search: codes, identifiers, contact points, booleans.

Source: https://hl7.org/fhir/R4/search.html#token. Codes are compared exactly, upper and lower case apart.
"""

from collections.abc import Iterator
from typing import Any

from assent.demo.store.errors import BadRequest
from assent.demo.store.search.strings import fold
from assent.demo.store.search.values import Test, split_parts

_CODE_SYSTEMS_OF_FHIR = "http://hl7.org/fhir/"

Token = tuple[str, str]
"""system and code; the system of a plain code is empty."""


def token_test(text: str) -> Test:
    """`code`, `system|code`, `|code` (no system), `system|` (any code of the system)."""
    match split_parts(text):
        case [code]:
            return lambda value: any(code == own for _, own in read_tokens(value))
        case ["", code] if code:
            return lambda value: any((not system) and code == own for system, own in read_tokens(value))
        case [system, ""] if system:
            return lambda value: any(system == own for own, _ in read_tokens(value))
        case [system, code] if code:
            return lambda value: any(
                code == own and (system == given or _is_implied(system, given, value))
                for given, own in read_tokens(value)
            )
    raise BadRequest("A token is written code, system|code, |code or system|.")


def identifier_test(text: str) -> Test:
    """`:identifier` on a reference: the identifier that the reference carries in place of an address."""
    test = token_test(text)
    return lambda value: isinstance(value, dict) and test(value.get("identifier"))


def text_test(text: str) -> Test:
    """`:text`: the display or text of a coded value, or an identifier type's text, begins with the words."""
    wanted = fold(text)
    return lambda value: any(fold(shown).startswith(wanted) for shown in _displays(value))


def read_tokens(value: Any) -> Iterator[Token]:
    """Every system and code in one element value, whatever its data type."""
    match value:
        case bool():
            yield "", "true" if value else "false"
        case str():
            yield "", value
        case {"coding": list(codings)}:
            for coding in codings:
                yield from read_tokens(coding)
        case {"code": str(code)}:
            yield str(value.get("system", "")), code
        case {"value": str(code)}:
            yield str(value.get("system", "")), code


def code_of(text: str) -> str:
    """The code that a search value asks for, empty when it asks for a system alone."""
    return split_parts(text)[-1]


def _is_implied(system: str, given: str, value: Any) -> bool:
    """An element of type code has no system of its own: its value set's, one of FHIR's, is meant."""
    return not given and isinstance(value, str) and system.startswith(_CODE_SYSTEMS_OF_FHIR)


def _displays(value: Any) -> Iterator[str]:
    match value:
        case {"coding": list(codings), **rest}:
            yield from (text for coding in codings for text in _displays(coding))
            yield from (text for name, text in rest.items() if name == "text" and isinstance(text, str))
        case {"text": str(text)} | {"display": str(text)} | {"type": {"text": str(text)}}:
            yield text
