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

_DATE: Final = re.compile(r"\d{4}-\d\d(-\d\d)?")
_YEAR: Final = re.compile(r"(19|20)\d\d")
_WITHIN_NAMES: Final = frozenset("'’-.\u200c\u200d")
_SPECIAL: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\,$|"})
_LETTERS: Final = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)

Reason = Literal["empty", "short", "date_alone", "bad_date", "long"]


class BadQuery(ValueError):
    """Nothing that may be searched for; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PatientQuery:
    """What to search for: by `names` first, and by `identifier` where that finds nobody.

    `names` are words without signs of a query's own; empty, or `identifier` None, where there is too little of it.
    `birth_date` is a FHIR date, perhaps a month or a year only.
    """

    names: tuple[str, ...]
    identifier: str | None
    birth_date: str | None = None

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
        return [("birthdate", self.birth_date)] if self.birth_date else []

    def fits(self, patient: Mapping[str, Any]) -> bool:
        """Whether a Patient can be meant: a server that ignores a parameter would send everybody."""
        born = patient.get("birthDate")
        if self.birth_date and not (isinstance(born, str) and born.startswith(self.birth_date)):
            return False
        texts = " ".join(_fold(text) for text in name_words(patient))
        if any(_fold(word) in texts for word in self.names):
            return True
        wanted = _fold(self.identifier or "")
        return bool(wanted) and wanted in (_fold(value) for value in identifiers(patient))


def read_patient_query(text: str, born: str = "") -> PatientQuery:
    """What was typed, and a birth date beside it. Raises `BadQuery`."""
    text, born = unicodedata.normalize("NFC", text).strip(), born.strip()
    if len(text) > MOST_CHARACTERS:
        raise BadQuery("long")
    words = text.split()
    if not born:
        dates = [word for word in words if _is_date(word)]
        born = dates[0] if dates else ""
    elif not _is_date(born):
        raise BadQuery("bad_date")
    words = [word for word in words if not (_is_date(word) and word == born)]
    number = " ".join(words)
    names = _names(words)
    if names and not born:
        years = [name for name in names if _YEAR.fullmatch(name)]
        born = years[0] if years else ""
        names = tuple(name for name in names if name != born)
    named = names if max(map(_weight, names), default=0) >= LEAST_LETTERS else ()
    identifier = number if sum(map(str.isalnum, number)) >= LEAST_NUMBER else None
    if not named and identifier is None:
        raise BadQuery("short" if words else "date_alone" if born else "empty")
    return PatientQuery(named, identifier, born or None)


def _names(words: list[str]) -> tuple[str, ...]:
    """The words of names, at most eight: letters, digits and what stands within names, no sign of a query."""
    kept = "".join(sign if _is_of_names(sign) else " " for sign in " ".join(words)).split()
    return tuple(word for word in kept if any(map(str.isalnum, word)))[:MOST_WORDS]


def _is_of_names(sign: str) -> bool:
    return sign.isalnum() or sign in _WITHIN_NAMES or unicodedata.category(sign).startswith("M")


def _weight(word: str) -> int:
    """How many letters; a sign of Han or Hangul is a syllable or a whole name, and counts twice."""
    return sum(2 if unicodedata.east_asian_width(letter) == "W" else 1 for letter in word if letter.isalpha())


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return True


def _fold(text: str) -> str:
    """Letters as a FHIR string search compares them: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_LETTERS)
