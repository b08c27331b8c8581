"""Which languages there are: those that come with the product, and what a deployment's own folder says over them.

A folder holds `<language>.properties` (`de.properties`, `de-AT.properties`, `pt.properties`). What such a file leaves
out is said by the language without its region, where there is one, else in English.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError

from assent.web.message_files import MessageFile, merge_scopes, read_message_file
from assent.web.messages import Messages

BUILT_IN: Final = ("en", "es", "fr", "de", "ar")
ENGLISH: Final = BUILT_IN[0]


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages by tag, English first."""

    by_tag: Mapping[str, Messages]

    @property
    def tags(self) -> tuple[str, ...]:
        """Their BCP 47 tags, for `ui_locales_supported`."""
        return tuple(self.by_tag)

    @property
    def english(self) -> Messages:
        """What is said where no other language is asked for."""
        return self.by_tag[ENGLISH]


class _Read(Mapping[str, Messages]):
    """Languages by tag, each read when it is first asked for: a server need not know Arabic before it listens."""

    def __init__(self, readers: Mapping[str, Callable[[], Messages]]) -> None:
        self._readers = dict(readers)
        self._read: dict[str, Messages] = {}

    def __getitem__(self, tag: str) -> Messages:
        if tag not in self._read:
            self._read[tag] = self._readers[tag]()
        return self._read[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

    def __contains__(self, tag: object) -> bool:
        return tag in self._readers

    def put(self, messages: Messages) -> None:
        """These are the texts of their language from now on."""
        self._readers.setdefault(messages.language, lambda: messages)
        self._read[messages.language] = messages


def read_languages(*folders: Path | None) -> Languages:
    """All languages, those of a deployment's and its skins' `folders` over ours, later ones over earlier ones.

    What is wrong there is `message_rules`' to tell.
    """
    by_tag = _Read({tag: partial(read_messages, tag) for tag in BUILT_IN})
    for folder in folders:
        files = dict(own_files(folder)) if folder else {}
        # a language before its regions, so that these stand on what it says
        for tag in sorted({*files, *_regions(by_tag, files)}):
            file = files.get(tag, MessageFile())
            general = files.get(tag.partition("-")[0], MessageFile()) if "-" in tag else MessageFile()
            base = by_tag.get(tag) or by_tag.get(tag.partition("-")[0]) or by_tag[ENGLISH]
            texts = {**base.texts, **general.texts, **file.texts}
            scopes = merge_scopes(file.scopes, merge_scopes(general.scopes, base.scopes))
            by_tag.put(Messages(tag, texts, scopes))
    return Languages(by_tag)


def _regions(by_tag: Mapping[str, Messages], files: Mapping[str, MessageFile]) -> Iterator[str]:
    """The regions that are there already and whose language a folder says something of."""
    return (tag for tag in by_tag if "-" in tag and tag.partition("-")[0] in files)


def read_messages(language: str) -> Messages:
    """Our own texts of `language`. Raises FileNotFoundError for one that we do not have."""
    file = built_in_file(language)
    return Messages(language, file.texts, file.scopes)


@cache
def built_in_file(language: str) -> MessageFile:
    """Our own file of a language, read once. Raises FileNotFoundError for one that we do not have."""
    source = files("assent.web").joinpath("messages", f"{language}.properties").read_bytes()
    return read_message_file(source)


def own_files(folder: Path) -> Iterator[tuple[str, MessageFile]]:
    """The files of a folder that are named after a language, by its tag."""
    for path in sorted(folder.glob("*.properties")):
        if is_language(path.stem):
            yield path.stem, read_message_file(path.read_bytes())


def is_language(tag: str) -> bool:
    """Whether CLDR knows a tag, written as BCP 47 wants it: `de`, `de-AT`, `zh-Hant`."""
    try:
        return str(Locale.parse(tag, sep="-")).replace("_", "-") == tag
    except (ValueError, UnknownLocaleError):
        return False
