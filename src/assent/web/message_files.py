"""Reading a file of messages: Java properties in UTF-8, with everything that cannot be read named at once.

Owns the file's form, and which keys name scopes: `scope.[SCOPE].name`, `.description`, `.details`, and the same under
`webadmin.view.security_out_smart.`, as Smile CDR writes them. Keys meet scopes by meaning, so that a text for
`patient/*.read` names `patient/*.rs` too. Which keys there are is `message_rules`' business.
Source: java.util.Properties (escapes), Smile CDR's localised scope names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from javaproperties import InvalidUEscapeError, KeyValue, parse

from assent.spec.scopes import MalformedScope, Scope, read_scope

SCOPE_PREFIX: Final = "scope."
SMILE_PREFIX: Final = "webadmin.view.security_out_smart.scope."
SCOPE_PARTS: Final = ("name", "description", "details")


@dataclass(frozen=True, slots=True)
class ScopeText:
    """What a file says of one scope; empty where it says nothing."""

    name: str = ""
    description: str = ""
    details: str = ""

    def over(self, other: "ScopeText") -> "ScopeText":
        """These texts, and those of `other` where there are none."""
        return ScopeText(
            self.name or other.name,
            self.description or other.description,
            self.details or other.details,
        )


@dataclass(frozen=True, slots=True)
class MessageFile:
    """The texts of one file: `texts` by key, `scopes` by what they name. `mistakes` is what could not be read."""

    texts: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[Scope, ScopeText] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()


def read_message_file(source: bytes) -> MessageFile:
    """The texts of a file; never raises."""
    try:
        pairs = [
            (element.key, element.value)
            for element in parse(source.decode("utf-8-sig"))
            if isinstance(element, KeyValue)
        ]
    except UnicodeDecodeError as error:
        return MessageFile(mistakes=(f"is not UTF-8 (byte {error.start})",))
    except InvalidUEscapeError as error:
        return MessageFile(mistakes=(f"{error.escape} is no escape: four hexadecimal digits follow \\u",))
    texts: dict[str, str] = {}
    own: dict[Scope, ScopeText] = {}
    aliases: dict[Scope, ScopeText] = {}
    mistakes: list[str] = []
    seen: set[str] = set()
    for key, value in pairs:
        mistake = _mistake_of(key, value, seen)
        if mistake is not None:
            mistakes.append(f"{_shown(key)}: {mistake}")
            continue
        seen.add(key)
        prefix = next((one for one in (SCOPE_PREFIX, SMILE_PREFIX) if key.startswith(one)), None)
        if prefix is None:
            texts[key] = value
            continue
        try:
            scope, part = _read_scope_key(key.removeprefix(prefix))
        except ValueError as error:
            mistakes.append(f"{key}: {error}")
            continue
        found = own if prefix == SCOPE_PREFIX else aliases
        found[scope] = replace(found.get(scope, ScopeText()), **{part: value})
    return MessageFile(texts, merge_scopes(own, aliases), tuple(mistakes))


def merge_scopes(
    first: Mapping[Scope, ScopeText], second: Mapping[Scope, ScopeText]
) -> dict[Scope, ScopeText]:
    """The texts of both; where both say something, that of `first`."""
    return {
        scope: first.get(scope, ScopeText()).over(second.get(scope, ScopeText()))
        for scope in (*second, *first)
    }


def _read_scope_key(rest: str) -> tuple[Scope, str]:
    """The scope and the part of `[SCOPE].name`. Raises ValueError."""
    text, _, part = rest.rpartition(".")
    if not text or part not in SCOPE_PARTS:
        raise ValueError("ends in .name, .description or .details; = and : in a key are written \\= and \\:")
    try:
        return read_scope(text), part
    except MalformedScope as error:
        raise ValueError(f"names no scope: {error.rule}") from error


def _mistake_of(key: str, value: str, seen: set[str]) -> str | None:
    if key in seen:
        return "is there twice"
    if not value.strip():
        return "has no text"
    try:
        f"{key}{value}".encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair: write the character itself, or both halves"
    return None


def _shown(key: str) -> str:
    return key.encode("ascii", "backslashreplace").decode()
