"""Search values as text: splitting at commas, escapes, prefixes.

Source: https://hl7.org/fhir/R4/search.html#escaping and #prefix.
"""

import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]
"""Whether one element value meets one search value."""

PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})

_ALTERNATIVE = re.compile(r"(?:\\.|[^,\\]|\\$)+", re.DOTALL)
_PART = re.compile(r"((?:\\.|[^|\\]|\\$)*)(\||$)", re.DOTALL)
_ESCAPE = re.compile(r"\\([,|$\\])")


def split_alternatives(text: str) -> tuple[str, ...]:
    r"""The values between unescaped commas, still escaped: `a\,b,c` gives `a\,b` and `c`."""
    return tuple(_ALTERNATIVE.findall(text))


def split_parts(text: str) -> list[str]:
    """The unescaped parts between unescaped bars: `system|code`."""
    parts: list[str] = []
    for match in _PART.finditer(text):
        parts.append(unescape(match[1]))
        if not match[2]:
            break
    return parts


def unescape(text: str) -> str:
    r"""Without the backslashes of `\,`, `\|`, `\$` and `\\`."""
    return _ESCAPE.sub(r"\1", text)


def split_prefix(text: str) -> tuple[str, str]:
    """The comparison prefix (`eq` when there is none) and the rest."""
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
