"""The words people read, by key, one TOML file a language.

Owns looking up and filling in; the texts are in `messages/<language>.toml`. A key that is missing is a bug, found by a
test that reads every template. Plural forms: `<key>.one` and `<key>.other`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal

_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Messages:
    """The texts of one language (a BCP 47 tag)."""

    language: str
    texts: Mapping[str, str]

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way the language is written, as HTML's `dir` wants it."""
        return "rtl" if self.language.split("-")[0] in _RIGHT_TO_LEFT else "ltr"

    def text(self, key: str, **values: str | int) -> str:
        """The text of `key` with its `{places}` filled in. Raises KeyError where there is none."""
        return self.texts[key].format_map(values)

    def count(self, key: str, number: int, **values: str | int) -> str:
        """The same in the form that goes with `number`, which fills `{number}`."""
        form = "one" if number == 1 else "other"
        return self.text(f"{key}.{form}", number=number, **values)

    def has(self, key: str) -> bool:
        """Is there a text of `key`?"""
        return key in self.texts


def read_messages(language: str) -> Messages:
    """Read the texts of `language`. Raises FileNotFoundError for one that we do not have."""
    source = files("assent.web").joinpath("messages", f"{language}.toml").read_text("utf-8")
    return Messages(language, dict(_flat(tomllib.loads(source))))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
