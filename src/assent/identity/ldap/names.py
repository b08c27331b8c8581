"""Names: which a person may type, and when two distinguished names are one.

Directories compare loosely (RFC 4518): case, spaces and some characters make no difference to them. What makes no
difference, and nobody types, is refused, so that one account has not many spellings to guess at.
"""

import re
from typing import Final

LONGEST_USERNAME: Final = 200
LONGEST_PASSWORD: Final = 1024
_MAPPED_TO_NOTHING: Final = re.compile("[\u034f\u1806\u180b-\u180d\ufe00-\ufe0f\ufffc]")  # RFC 4518 2.2
_ESCAPED: Final = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_SPECIAL: Final = re.compile(r'[\\,+"<>;=#]')


def is_username(text: str) -> bool:
    """Whether a directory may be asked for it."""
    return (
        0 < len(text) <= LONGEST_USERNAME and text.isprintable() and _MAPPED_TO_NOTHING.search(text) is None
    )


def is_password(text: str) -> bool:
    """Whether it may be tried in a bind.

    An empty one would be no password at all: many servers answer such a bind with success (RFC 4513 5.1.2). Hashes
    of some servers end at a NUL.
    """
    if not text or len(text) > LONGEST_PASSWORD or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_dn(text: str) -> bool:
    """Whether it can be a distinguished name that is not empty (RFC 4514)."""
    return all("=" in rdn and rdn.partition("=")[0].strip() for rdn in _split(text, ","))


def same_dn(dn: str) -> str:
    """The same text for every spelling of a DN: without case, without spaces that do not count (RFC 4514, 4518)."""
    return ",".join(
        "+".join(sorted(_same_pair(pair) for pair in _split(rdn, "+"))) for rdn in _split(dn, ",")
    )


def is_below(dn: str, base: str) -> bool:
    """Whether a DN is in the subtree of another."""
    return same_dn(dn) == same_dn(base) or same_dn(dn).endswith("," + same_dn(base))


def _same_pair(pair: str) -> str:
    attribute, _, value = pair.partition("=")
    plain = " ".join(_unescaped(value).split()).casefold()
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), plain)
    return f"{attribute.strip().casefold()}={escaped}"


def _unescaped(value: str) -> str:
    """A value without its escapes; escaped octets are UTF-8."""
    octets = bytearray()
    at = 0
    for found in _ESCAPED.finditer(value):
        octets += value[at : found.start()].encode()
        escaped = found.group(1)
        octets += bytes.fromhex(escaped) if len(escaped) == 2 else escaped.encode()
        at = found.end()
    octets += value[at:].encode()
    return octets.decode(errors="replace")


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that are not escaped."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == separator:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]
