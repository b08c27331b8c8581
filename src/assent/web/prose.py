"""Long texts that an organization writes: a small part of Markdown, read into values that a template prints.

No HTML comes out of here and none is let through: the template escapes every word. What is understood: headings (`#`
to `###`), paragraphs between empty lines, lists (`-`, `*`, `1.`), `**strong**`, `*emphasis*`, links to `https:` and
`mailto:`, and a backslash before a sign that is meant as such. Everything else stands as it was written.
Source: CommonMark 0.31, of which this is a part.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

_HEADING: Final = re.compile(r"(#{1,3})[ \t]+(.+?)[ \t]*#*[ \t]*")
_BULLET: Final = re.compile(r" {0,3}[-*][ \t]+(.+)")
_NUMBER: Final = re.compile(r" {0,3}(\d{1,4})[.)][ \t]+(.+)")
_INLINE: Final = re.compile(
    r"\\(?P<literal>[\\*\[\]()#.-])"
    r"|\*\*(?P<strong>[^\s*](?:[^*]*[^\s*])?)\*\*"
    r"|\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|\[(?P<words>[^\[\]]+)\]\((?P<url>(?:https://|mailto:)[^\s()<>\"]+)\)"
)


Kind = Literal["heading", "paragraph", "bullets", "numbers"]


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one manner; `url` where they are a link."""

    text: str
    manner: Literal["plain", "strong", "emphasis", "link"] = "plain"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text. A list has one line an entry, everything else has one.

    `level`: of a heading, 1 to 3. `first`: the number of a numbered list's first entry.
    """

    kind: Kind
    lines: tuple[tuple[Span, ...], ...]
    level: int = 0
    first: int = 1


def read_prose(text: str) -> tuple[Block, ...]:
    """The blocks of a text; never raises, since everything is at least a paragraph."""
    drafts: list[_Draft] = []
    is_apart = True  # an empty line stands before this one
    for line in text.splitlines():
        words = line.strip()
        if words:
            draft = _read_line(line)
            last = drafts[-1] if drafts else None
            if last is None or not _goes_on(last, draft, is_apart=is_apart):
                drafts.append(draft)
            elif draft.kind == last.kind and draft.kind != "paragraph":
                last.lines += draft.lines
            else:
                last.lines[-1] += f" {words}"
        is_apart = not words
    return tuple(
        Block(one.kind, tuple(read_spans(line) for line in one.lines), one.level, one.first) for one in drafts
    )


@dataclass(slots=True)
class _Draft:
    """A block that is still being read."""

    kind: Kind
    lines: list[str]
    level: int = 0
    first: int = 1


def _read_line(line: str) -> _Draft:
    """What a line would be if it began a block."""
    if heading := _HEADING.fullmatch(line):
        return _Draft("heading", [heading[2]], level=len(heading[1]))
    if bullet := _BULLET.fullmatch(line):
        return _Draft("bullets", [bullet[1].strip()])
    if number := _NUMBER.fullmatch(line):
        return _Draft("numbers", [number[2].strip()], first=int(number[1]))
    return _Draft("paragraph", [line.strip()])


def _goes_on(last: _Draft, next_: _Draft, *, is_apart: bool) -> bool:
    """Whether a line belongs to the block before it."""
    if last.kind == "heading" or next_.kind == "heading":
        return False
    if next_.kind == "paragraph":
        return not is_apart
    if next_.kind == last.kind:
        return True
    # CommonMark 5.3: amid a paragraph, `2026. It was a year` begins no list
    return next_.kind == "numbers" and last.kind == "paragraph" and not is_apart and next_.first != 1


def read_spans(line: str) -> tuple[Span, ...]:
    """The words of a line, by their manner."""
    spans: list[Span] = []
    plain = ""
    at = 0
    for found in _INLINE.finditer(line):
        plain += line[at : found.start()]
        at = found.end()
        if found["literal"]:
            plain += found["literal"]
            continue
        if plain:
            spans.append(Span(plain))
            plain = ""
        if found["strong"]:
            spans.append(Span(found["strong"], "strong"))
        elif found["emphasis"]:
            spans.append(Span(found["emphasis"], "emphasis"))
        else:
            spans.append(Span(found["words"], "link", found["url"]))
    plain += line[at:]
    return (*spans, Span(plain)) if plain or not spans else tuple(spans)
