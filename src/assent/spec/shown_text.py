"""Words that outsiders brought (an app's name, its maker, its reasons), made fit to stand on a page of ours.

What is left can neither hide, nor turn the words around it, nor run out of its line: no control, format, bidirectional,
private-use or invisible characters, one space between words, few marks on a letter, composed form, a length. Letters of
every script stay. Escaping is not done here: templates do it.
Sources: Unicode TR 36 3 (visual security), TR 39 5 (mixed scripts, sequences of marks), UAX 15 (NFC), UAX 29 3 (where a
text may be cut), RFC 5892 A.1 and A.2 (joiners).
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST_NAME: Final = 80
LONGEST_REASON: Final = 200
_MOST_MARKS: Final = 3
_VIRAMA: Final = 9
_NON_JOINER: Final = "\u200c"
_JOINERS: Final = frozenset({_NON_JOINER, "\u200d"})
_GONE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Me"})
_MARKS: Final = frozenset({"Mn", "Mc"})
_FLAG_LETTERS: Final = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_SKIN_COLOURS: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))

_INVISIBLE: Final = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
"""Letters, marks and signs that are there and not to be seen (Default_Ignorable_Code_Point; the empty braille cell)."""

_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
"""Scripts with letters that are taken for those of another of them."""


def shown_text(text: str, longest: int = LONGEST_NAME) -> str:
    """`text` as it may be shown, `longest` characters at most; empty when nothing of it is fit."""
    visible = "".join(_visible(unicodedata.normalize("NFC", text)))
    marked = "".join(_lightly_marked(" ".join(visible.split())))
    joined = "".join(_rightly_joined(marked))
    return _cut(unicodedata.normalize("NFC", " ".join(joined.split())), longest)


def mixes_scripts(text: str) -> bool:
    """Whether a word of `text` has letters of two scripts that look alike (TR 39 5.1): it may imitate another name."""
    return any(len({_script(letter) for letter in word} & _ALIKE) > 1 for word in text.split())


def _visible(text: str) -> Iterator[str]:
    """The characters that can be seen, joiners, and a space for every kind of gap."""
    for letter in text:
        if letter.isspace():
            yield " "
        elif letter in _JOINERS or (unicodedata.category(letter) not in _GONE and letter not in _INVISIBLE):
            yield letter


def _lightly_marked(text: str) -> Iterator[str]:
    """The text without marks that stand on nothing, twice, or one too many on a letter (TR 39 5.4)."""
    before, marks = " ", 0
    for letter in text:
        is_mark = unicodedata.category(letter) in _MARKS
        if is_mark and (before == " " or letter == before or marks == _MOST_MARKS):
            continue
        if letter not in _JOINERS:
            before, marks = letter, marks + 1 if is_mark else 0
        yield letter


def _rightly_joined(text: str) -> Iterator[str]:
    """The text with joiners only where a script needs them: after a virama, and between two Arabic letters."""
    for place, letter in enumerate(text):
        if letter in _JOINERS:
            before, after = text[place - 1 : place], text[place + 1 : place + 2]
            if not before or not after:
                continue
            is_indic = unicodedata.combining(before) == _VIRAMA  # RFC 5892 A.1, A.2
            is_arabic = letter == _NON_JOINER and _is_arabic(before) and _is_arabic(after)  # RFC 5892 A.1
            if not is_indic and not is_arabic:
                continue
        yield letter


def _is_arabic(letter: str) -> bool:
    return unicodedata.bidirectional(letter) == "AL"


def _cut(text: str, longest: int) -> str:
    """The text with an ellipsis for its end where it is too long, cut between what readers take for letters."""
    if len(text) <= longest:
        return text
    end = longest - 1
    while end > 0 and _belongs_together(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _belongs_together(text: str, place: int) -> bool:
    """Whether the characters on both sides of `place` are one to a reader."""
    before, after = text[place - 1], text[place]
    if before in _JOINERS or after in _JOINERS or after in _SKIN_COLOURS:
        return True
    if before in _FLAG_LETTERS and after in _FLAG_LETTERS:
        run = len(text[:place]) - len(text[:place].rstrip("".join(_FLAG_LETTERS)))
        return run % 2 == 1
    return unicodedata.category(after) in _MARKS


def _script(letter: str) -> str:
    """The first word of a letter's name, which is its script; empty for what is no letter."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
