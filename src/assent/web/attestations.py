"""The rules for handling data that makers of apps are asked to accept, in plain language: what a person reads who wants
to know what "accepted" means.

One text a language: those that come with the product, and over them the files of a deployment's folder
(`server.attestation`), named after their language: `en.md`, `es.md`. Read once, at the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from assent.web.languages import BUILT_IN, ENGLISH
from assent.web.negotiation import negotiate
from assent.web.prose import Block, read_prose
from assent.web.prose_files import read_prose_file

LARGEST: Final = 64 * 1024
_SUFFIX: Final = ".md"


@dataclass(frozen=True, slots=True)
class AttestationTexts:
    """The texts by language. `mistakes` is what could not be read."""

    by_language: Mapping[str, tuple[Block, ...]]
    mistakes: tuple[str, ...] = ()

    def text(self, language: str) -> tuple[str, tuple[Block, ...]]:
        """The language and the text for whoever reads `language`; English where there is none in it."""
        found = negotiate((language,), tuple(self.by_language))
        chosen = found[0] if found else ENGLISH
        return chosen, self.by_language[chosen]


def read_attestations(folder: Path | None = None) -> AttestationTexts:
    """The texts of a folder over those of the product, with everything that is wrong in it.

    A folder with any text replaces all of ours: two sets of rules are never mixed.
    """
    own = {tag: read_prose(_built_in(tag)) for tag in BUILT_IN}
    if folder is None:
        return AttestationTexts(own)
    found: dict[str, tuple[Block, ...]] = {}
    mistakes: list[str] = []
    try:
        for path in sorted(one for one in folder.iterdir() if one.suffix == _SUFFIX):
            try:
                _, found[path.stem] = read_prose_file(path, LARGEST)
            except ValueError as error:
                mistakes.append(f"{path.name}: {error}")
    except OSError as error:
        mistakes.append(f"{error.filename} cannot be read: {error.strerror}")
    if ENGLISH not in found:
        mistakes.append(
            f"{ENGLISH}{_SUFFIX}: is missing, for everybody who reads none of the other languages"
        )
        return AttestationTexts(own, tuple(mistakes))
    return AttestationTexts(found, tuple(mistakes))


def _built_in(language: str) -> str:
    return files("assent.web").joinpath("attestation", f"{language}{_SUFFIX}").read_text("utf-8")
