"""What somebody typed to find a patient: names, a birth date, a record number; and what is too little to search with.

A search that says almost nothing would turn the picker into a directory of patients: two letters of a name or three
characters of a number are the least, and a birth date narrows a name but is no search by itself.
Sources: FHIR R4 search.html (string, token and date parameters; escaping, 3.1.1.4.5), Patient search parameters.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from assent.fhir.cards import identifiers, name_words

LEAST_LETTERS: Final = 2
LEAST_NUMBER: Final = 3
MOST_CHARACTERS: Final = 100
MOST_WORDS: Final = 8

_DATE: Final = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")
_WRITTEN_DATE: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_WITHIN_NAMES: Final = frozenset("'’-.\u200c\u200d")
_SPECIAL: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\,$|"})
_LETTERS: Final = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)

Reason = Literal["empty", "short", "date_alone", "long"]


class BadQuery(ValueError):
    """Nothing that may be searched for; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PatientQuery:
    """What to search for: by `names` first, and by `identifier` where that finds nobody.

    `names` are words without signs of a query's own; empty, or `identifier` None, where there is too little of it.
    `born` are FHIR dates, perhaps of a month only, one of which has to be hers: 4/3/1958 may be two days.
    """

    names: tuple[str, ...]
    identifier: str | None
    born: tuple[str, ...] = ()

    @property
    def by_name(self) -> list[tuple[str, str]]:
        """Search parameters that must all hold."""
        return [*(("name", word) for word in self.names), *self._born]

    @property
    def by_identifier(self) -> list[tuple[str, str]]:
        """The same for the number of a record, escaped: `|` would name a system, `,` another number."""
        return [("identifier", (self.identifier or "").translate(_SPECIAL)), *self._born]

    @property
    def _born(self) -> list[tuple[str, str]]:
        return [("birthdate", ",".join(self.born))] if self.born else []

    def fits(self, patient: Mapping[str, Any]) -> bool:
        """Whether a Patient can be meant: a server that ignores a parameter would send everybody."""
        born = patient.get("birthDate")
        if self.born and not (isinstance(born, str) and born.startswith(self.born)):
            return False
        texts = " ".join(_fold(text) for text in name_words(patient))
        if any(_fold(word) in texts for word in self.names):
            return True
        wanted = _fold(self.identifier or "")
        return bool(wanted) and wanted in (_fold(value) for value in identifiers(patient))


def read_patient_query(text: str) -> PatientQuery:
    """What was typed into the one field of the search. Raises `BadQuery`."""
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > MOST_CHARACTERS:
        raise BadQuery("long")
    words = text.split()
    date_at = next((place for place, word in enumerate(words) if _dates(word)), None)
    born = _dates(words.pop(date_at)) if date_at is not None else ()
    names = _names(words)
    named = names if max(map(_weight, names), default=0) >= LEAST_LETTERS else ()
    identifier = " ".join(words) if sum(map(str.isalnum, "".join(words))) >= LEAST_NUMBER else None
    if not named and identifier is None:
        raise BadQuery("short" if words else "date_alone" if born else "empty")
    return PatientQuery(named, identifier, born)


def _names(words: list[str]) -> tuple[str, ...]:
    """The words of names, at most eight: letters, digits and what stands within names, no sign of a query."""
    kept = "".join(sign if _is_of_names(sign) else " " for sign in " ".join(words)).split()
    return tuple(word for word in kept if any(map(str.isalnum, word)))[:MOST_WORDS]


def _is_of_names(sign: str) -> bool:
    return sign.isalnum() or sign in _WITHIN_NAMES or unicodedata.category(sign).startswith("M")


def _weight(word: str) -> int:
    """How many letters; a sign of Han or Hangul is a syllable or a whole name, and counts twice."""
    return sum(2 if unicodedata.east_asian_width(letter) == "W" else 1 for letter in word if letter.isalpha())


def _dates(text: str) -> tuple[str, ...]:
    """The FHIR dates that a word may be: as FHIR writes them, or with the day first, or (not with dots) the month."""
    written = _DATE.fullmatch(text)
    if written is not None:
        year, month, day = (int(part) for part in (written[1], written[2], written[3] or "1"))
        return (text,) if text.isascii() and _is_day(year, month, day) else ()
    written = _WRITTEN_DATE.fullmatch(text)
    if written is None:
        return ()
    first, second, year = int(written[1]), int(written[3]), int(written[4])
    orders = [(second, first)] if written[2] == "." else [(second, first), (first, second)]
    days = [f"{year:04}-{month:02}-{day:02}" for month, day in orders if _is_day(year, month, day)]
    return tuple(dict.fromkeys(days))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _fold(text: str) -> str:
    """Letters as a FHIR string search compares them: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_LETTERS)
