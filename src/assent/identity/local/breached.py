"""A list of passwords that were stolen elsewhere, in a file: looked up without being read.

The form is that of Have I Been Pwned's downloads: a line for each, `<SHA-1 in capitals>:<how often>`, in the order of
the hashes. Lines are found by halving the file, about forty short reads for a thousand million of them.
Sources: NIST SP 800-63B 5.1.1.2 (passwords from previous breaches); haveibeenpwned.com, Pwned Passwords.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(rb"[0-9A-Fa-f]{40}(:[0-9]+)?")
_HASH: Final = 40
_LONGEST_LINE: Final = 80
_LOOKED_AT: Final = 4096


class BadList(Exception):
    """A file that is no such list; the text says why."""


@dataclass(frozen=True, slots=True)
class BreachedPasswords:
    """The list in this file. Each look-up opens it, so that it can be replaced while the server runs."""

    file: Path

    def check(self) -> None:
        """Raises `BadList` when the file cannot be such a list."""
        try:
            with self.file.open("rb") as opened:
                begin = opened.read(_LOOKED_AT)
        except OSError as error:
            raise BadList(f"cannot be read: {error.strerror}") from error
        lines = begin.splitlines() or [b""]
        if len(begin) == _LOOKED_AT:
            lines.pop()  # it may go on
        if not all(_LINE.fullmatch(line) for line in lines):
            raise BadList("has no lines such as 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3")
        hashes = [line[:_HASH].upper() for line in lines]
        if hashes != sorted(hashes):
            raise BadList("is not in the order of the hashes")

    def holds(self, password: str) -> bool:
        """Whether the password is on the list. Raises OSError when the file cannot be read any more."""
        # SHA-1 is what the list is made of; nothing is protected by it
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        descriptor = os.open(self.file, os.O_RDONLY)
        try:
            return _is_in(descriptor, wanted)
        finally:
            os.close(descriptor)


def _is_in(descriptor: int, wanted: bytes) -> bool:
    """Whether a line begins with `wanted`. `low` is always the beginning of a line, `high` that of one, or the end."""
    low, high = 0, os.fstat(descriptor).st_size
    while low < high:
        middle = (low + high) // 2
        begin = _line_begin(descriptor, middle)
        line = os.pread(descriptor, _LONGEST_LINE, begin)
        found, end = line[:_HASH].upper(), line.find(b"\n")
        if found == wanted:
            return True
        if found < wanted:
            low = begin + (end + 1 if end >= 0 else len(line) or 1)
        else:
            high = begin
    return False


def _line_begin(descriptor: int, offset: int) -> int:
    """Where the line begins that `offset` is in."""
    start = max(0, offset - _LONGEST_LINE)
    before = os.pread(descriptor, offset - start, start)
    return start + before.rfind(b"\n") + 1
