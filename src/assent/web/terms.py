"""The texts of the terms of service: read once, at the start, so that no page waits for a disk.

A deployment's folder (`server.terms`) holds a folder for each version, named as the version, with one text a language:
`2026-05/en.md`, `2026-05/es.md`. A version without a text there shows the sample that comes with the product, which
says that it is one. A text is known by the SHA-256 of its file: what `sha256sum` says of it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, cast

from assent.web.languages import BUILT_IN, ENGLISH
from assent.web.messages import locale_of
from assent.web.negotiation import negotiate
from assent.web.prose import Block, read_prose
from assent.web.prose_files import read_prose_file

LARGEST: Final = 256 * 1024
_SUFFIX: Final = ".md"


@dataclass(frozen=True, slots=True)
class TermsText:
    """One text in one language."""

    language: str
    text_hash: bytes
    blocks: tuple[Block, ...]
    is_sample: bool = False

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way it is written."""
        return cast("Literal['ltr', 'rtl']", locale_of(self.language).text_direction)


@dataclass(frozen=True, slots=True)
class TermsTexts:
    """The texts by version and language, and the sample by language. `mistakes` is what could not be read."""

    samples: Mapping[str, TermsText]
    by_version: Mapping[str, Mapping[str, TermsText]] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()

    def has(self, version: str) -> bool:
        """Whether there is a text of this version; the sample is shown otherwise."""
        return version in self.by_version

    def text(self, version: str, language: str) -> TermsText:
        """The text for whoever reads `language`: in it, else in English, else in the first language there is."""
        texts = self._texts(version)
        found = negotiate((language,), tuple(texts))
        if found is not None:
            return texts[found[0]]
        return texts.get(ENGLISH) or texts[min(texts)]

    def known(self, version: str, text_hash: str) -> TermsText | None:
        """The text of this version with this hash (hexadecimal); None when it is not what is shown here."""
        texts = self._texts(version).values()
        return next((one for one in texts if one.text_hash.hex() == text_hash), None)

    def _texts(self, version: str) -> Mapping[str, TermsText]:
        return self.by_version.get(version, self.samples)


def read_terms(folder: Path | None = None) -> TermsTexts:
    """All texts of a folder, with everything that is wrong in it; without one, the sample alone."""
    samples = {tag: _sample(tag) for tag in BUILT_IN}
    if folder is None:
        return TermsTexts(samples)
    if not folder.is_dir():
        return TermsTexts(samples, mistakes=(f"{folder} is no folder",))
    by_version: dict[str, dict[str, TermsText]] = {}
    mistakes: list[str] = []
    try:
        for path in _files(folder):
            try:
                by_version.setdefault(path.parent.name, {})[path.stem] = _read(path, folder)
            except ValueError as error:
                mistakes.append(f"{path.relative_to(folder)}: {error}")
    except OSError as error:
        mistakes.append(f"{error.filename} cannot be read: {error.strerror}")
    return TermsTexts(samples, by_version, tuple(mistakes))


def _files(folder: Path) -> Iterator[Path]:
    """The texts at their place, and those that lie beside the versions' folders. Raises OSError."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            yield from sorted(one for one in path.iterdir() if one.suffix == _SUFFIX)
        elif path.suffix == _SUFFIX:
            yield path


def _read(path: Path, folder: Path) -> TermsText:
    """The text of a file. Raises ValueError with what is wrong, OSError when it cannot be read."""
    if path.parent == folder:
        raise ValueError("lies in no version's folder: put it into one, such as 2026-05/en.md")
    source, blocks = read_prose_file(path, LARGEST)
    return TermsText(path.stem, hashlib.sha256(source).digest(), blocks)


def _sample(language: str) -> TermsText:
    source = files("assent.web").joinpath("terms", f"{language}{_SUFFIX}").read_bytes()
    return TermsText(language, hashlib.sha256(source).digest(), read_prose(source.decode()), is_sample=True)
