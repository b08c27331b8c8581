"""String and URI search.

Source: https://hl7.org/fhir/R4/search.html#string and #uri. Strings ignore case, accents and repeated spaces.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from assent.demo.store.search.values import Test, unescape

_NAME_AND_ADDRESS_PARTS = (
    *("text", "family", "given", "prefix", "suffix"),
    *("line", "city", "district", "state", "postalCode", "country"),
)


def string_test(text: str) -> Test:
    """Some part of the value begins with the text."""
    wanted = fold(unescape(text))
    return lambda value: any(fold(part).startswith(wanted) for part in read_strings(value))


def contains_test(text: str) -> Test:
    """`:contains`: the text is anywhere in some part of the value."""
    wanted = fold(unescape(text))
    return lambda value: any(wanted in fold(part) for part in read_strings(value))


def exact_test(text: str) -> Test:
    """`:exact`: some part of the value is the text, case and accents included."""
    wanted = unescape(text)
    return lambda value: any(wanted == part for part in read_strings(value))


def uri_test(text: str) -> Test:
    """The URI is the same, character by character."""
    wanted = unescape(text)
    return lambda value: bool(value == wanted)


def below_test(text: str) -> Test:
    """`:below`: the value is the URI or a path below it."""
    wanted = unescape(text)
    return lambda value: value == wanted or str(value).startswith(wanted.rstrip("/") + "/")


def above_test(text: str) -> Test:
    """`:above`: the URI is the value or a path below it."""
    wanted = unescape(text)
    return lambda value: value == wanted or wanted.startswith(str(value).rstrip("/") + "/")


def read_strings(value: Any) -> Iterator[str]:
    """The text itself, or the searchable parts of a HumanName or an Address."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name in _NAME_AND_ADDRESS_PARTS:
            part = value.get(name)
            parts = part if isinstance(part, list) else [part]
            yield from (each for each in parts if isinstance(each, str))


def fold(text: str) -> str:
    """The text without case, accents and repeated spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())
