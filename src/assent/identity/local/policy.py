"""What a password that somebody chooses has to be: long enough, hard to guess, on no list of stolen ones.

Owns the rule, not the words: a `Flaw` names the message `password.flaw.<words>`, which says how to mend it. Passwords
that are imported, or set by an administrator, come from elsewhere and are not asked.
Sources: NIST SP 800-63B 5.1.1.2 (length, blocklist, no rules of composition), OWASP Authentication, zxcvbn.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from assent.identity.local.breached import BreachedPasswords
from assent.identity.local.passwords import MAX_PASSWORD
from assent.records.people import Person

_ESTIMATED: Final = 72
"""What lies behind this many characters is not looked at: the estimate takes time that grows with the square."""

_LEAST_NAME: Final = 4
_PATTERNS: Final = {
    "dictionary": "common",
    "spatial": "keyboard",
    "repeat": "repeat",
    "sequence": "sequence",
    "regex": "date",
    "date": "date",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a password; `number` fills in the message where it has a place for it."""

    words: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """`least_strength`: of zxcvbn's 0 (guessed at once) to 4. `breached`: stolen passwords, where there is a list.

    Names and addresses are never a part of a password.
    """

    least_length: int = 10
    least_strength: int = 3
    breached: BreachedPasswords | None = None

    async def check(self, password: str, person: Person) -> Flaw | None:
        """The first thing that is wrong with a password that `person` chooses; None when it is good."""
        if len(password) < self.least_length:
            return Flaw("short", self.least_length)
        if len(password) > MAX_PASSWORD:
            return Flaw("long", MAX_PASSWORD)
        if not _is_storable(password):
            return Flaw("signs")
        return await asyncio.to_thread(self._look, password, tuple(_names(person)))

    def _look(self, password: str, names: tuple[str, ...]) -> Flaw | None:
        if _is_made_of(password, names):
            return Flaw("name")
        if self.breached is not None and self.breached.holds(password):
            return Flaw("breached")
        if self.least_strength == 0:
            return None
        from zxcvbn import zxcvbn  # its lists of words take a moment to load

        found = zxcvbn(password[:_ESTIMATED], names)
        if found["score"] >= self.least_strength:
            return None
        return Flaw(_weakness(found["sequence"]))


def _weakness(sequence: list[dict[str, Any]]) -> str:
    """What makes a password easy to guess: the pattern of its longest part."""
    longest = max(sequence, key=lambda match: len(match["token"]))
    return _PATTERNS.get(longest["pattern"], "simple")


def _is_storable(password: str) -> bool:
    """Text that can be typed again: no control characters, no halves of characters."""
    return not any(ord(sign) < 32 or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in password)


def _names(person: Person) -> Iterator[str]:
    """What anybody may know of a person."""
    mail, _, host = (person.email or "").partition("@")
    for name in (person.username, person.given_name, person.family_name, mail, host.partition(".")[0]):
        if name:
            yield name.casefold()
            yield from (part for part in re.split(r"[^\w]+", name.casefold()) if part)


def _is_made_of(password: str, names: Iterable[str]) -> bool:
    """Whether a name is what it mainly is: without it, too little is left."""
    folded = password.casefold()
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) >= _LEAST_NAME and name in folded and len(folded.replace(name, "")) < _LEAST_NAME * 2:
            return True
    return False
