"""The words people read, by key, in one language.

Owns looking up and filling in: places, plural forms, and what keeps right-to-left and left-to-right text apart. The
texts are in `messages/<language>.properties`; a key that is missing is a bug, found by `scripts/check_messages.py`.
Plural forms: `<key>.one`, `<key>.other` and so on, in the categories of CLDR.
Sources: CLDR plural rules (by Babel), Unicode Bidirectional Algorithm (UAX 9) 2.4, isolates.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, cast

from babel import Locale
from babel.numbers import format_decimal

from assent.spec.scopes import LaunchScope, Scope
from assent.web.message_files import ScopeText

PLACE: Final = re.compile(r"\{(\w+)\}")
_ISOLATE: Final = "\u2068{}\u2069"


@dataclass(frozen=True, slots=True)
class Messages:
    """The texts of one language: a BCP 47 tag, perhaps with a region, which then says how dates are written."""

    language: str
    texts: Mapping[str, str]
    scopes: Mapping[Scope, ScopeText] = field(default_factory=dict)

    @property
    def locale(self) -> Locale:
        """How CLDR writes dates and numbers here. English without a region is the world's: 4 June 2018."""
        return locale_of(self.language)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way the language is written, as HTML's `dir` wants it."""
        return cast("Literal['ltr', 'rtl']", self.locale.text_direction)

    def text(self, key: str, **values: str | int) -> str:
        """The text of `key` with its `{places}` filled in. Raises KeyError where there is none."""
        text = self.texts[key]
        if not values:
            return text
        return PLACE.sub(lambda place: self._isolated(str(values[place[1]])), text)

    def count(self, key: str, number: int, **values: str | int) -> str:
        """The same in the form that goes with `number`, which fills `{number}`."""
        form = f"{key}.{self.locale.plural_form(number)}"
        if form not in self.texts:
            form = f"{key}.other"
        return self.text(form, number=format_decimal(number, locale=self.locale), **values)

    def has(self, key: str) -> bool:
        """Is there a text of `key`?"""
        return key in self.texts

    def scope(self, scope: Scope) -> ScopeText:
        """What is said of a scope by its name, empty where nothing is; a launch scope's role makes no difference."""
        known = self.scopes.get(scope)
        if known is None and isinstance(scope, LaunchScope):
            known = self.scopes.get(LaunchScope(scope.resource_type))
        return known or ScopeText()

    def _isolated(self, value: str) -> str:
        """A value that is written the other way keeps its order, and the order of what stands around it."""
        classes = {unicodedata.bidirectional(letter) for letter in value}
        if self.direction == "ltr":
            is_turned = not classes.isdisjoint(("R", "AL", "AN"))
        else:
            # numbers around a hyphen, such as 8480-6, would change places too (UAX 9, W2 and W4)
            is_turned = "L" in classes or {"EN", "ES"} <= classes
        return _ISOLATE.format(value) if is_turned else value


@lru_cache(maxsize=512)  # CLDR has fewer regions of our languages
def locale_of(language: str) -> Locale:
    """The CLDR locale of a language that we have. Raises ValueError or babel.UnknownLocaleError for others."""
    return Locale.parse("en_001" if language == "en" else language, sep="_" if language == "en" else "-")
