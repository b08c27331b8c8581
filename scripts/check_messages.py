"""Compare the built-in languages with English, and English with what the pages ask for.

    python -m scripts.check_messages     (`make check`)

Fails and names every key that is missing or unknown, every place that differs, every empty text, every plural form that
CLDR does not give the language, and every text that nobody asks for.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from assent.web.languages import BUILT_IN, ENGLISH, built_in_file
from assent.web.message_files import MessageFile
from assent.web.message_rules import file_mistakes, missing_keys, plural_stems
from scripts.unused_messages import unused

SOURCE = Path(__file__).resolve().parents[1] / "src" / "assent"
ASKED = re.compile(r"""(?:\bt|\bcount|\.text|\.count)\(\s*["']([\w.]+)["']""")


def mistakes() -> Iterator[str]:
    """Everything that is wrong, by file and key."""
    english = built_in_file(ENGLISH)
    for language in BUILT_IN:
        file = built_in_file(language)
        found = [*file_mistakes(language, file, english.texts), *missing_keys(language, file, english)]
        yield from (f"{language}.properties: {mistake}" for mistake in found)
    yield from asked_and_missing(english)
    yield from (f"{ENGLISH}.properties: nobody asks for {key}" for key in unused(english, SOURCE))


def asked_and_missing(english: MessageFile) -> Iterator[str]:
    """The keys that templates and pages ask for and English does not have."""
    known = {*english.texts, *plural_stems(english.texts)}
    for folder in ("web", "pages"):
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in (".html", ".py"):
                asked = set(ASKED.findall(path.read_text(encoding="utf-8")))
                yield from (f"{path.name}: asks for {key}, which is missing" for key in sorted(asked - known))


def main() -> int:
    """Says what is wrong; 1 when anything is."""
    found = list(mistakes())
    for mistake in found:
        print(mistake, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
