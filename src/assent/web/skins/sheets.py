"""Style sheets of a skin: what our Content-Security-Policy lets through, and whether its colours can be read.

Owns reading tokens (`--color-…` of `:root`, by the looks a page can have) and the contrast of what is drawn with them.
Sources: CSS Syntax 3, CSS Custom Properties 1, WCAG 2.2 1.4.3, 1.4.6 and 1.4.11 (contrast).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from assent.web.skins.findings import Finding

LOOKS: Final = {
    "light": (),
    "dark": ("(prefers-color-scheme: dark)",),
    "high contrast": ("(prefers-contrast: more)",),
    "high contrast, dark": ("(prefers-color-scheme: dark)", "(prefers-contrast: more)"),
}
"""What a page can look like, by the media features that are on."""

TEXT_ON: Final = {
    "--color-text": ("--color-ground", "--color-sheet", "--color-band"),
    "--color-quiet": ("--color-ground", "--color-sheet"),
    "--color-accent": ("--color-sheet",),
    "--color-caution": ("--color-sheet", "--color-caution-ground"),
    "--color-wrong": ("--color-sheet", "--color-wrong-ground"),
}
"""The colours of texts, and what they stand on."""

LINE_ON: Final = {"--color-line": ("--color-ground", "--color-sheet")}
TEXT_CONTRAST: Final = 4.5  # WCAG 2.2 1.4.3 (AA)
MORE_CONTRAST: Final = 7.0  # WCAG 2.2 1.4.6 (AAA), which a reader who asks for more contrast may expect
LINE_CONTRAST: Final = 3.0  # WCAG 2.2 1.4.11

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_FETCH: Final = re.compile(r"url\(\s*[\"']?([^)\"']*)", re.IGNORECASE)
_OWN_IMAGE: Final = re.compile(r"images/[a-z0-9_-]+\.[a-z]+")
_TOKEN: Final = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_BLOCK: Final = re.compile(r"([^{};]+)\{|\}|([^{};]+)(?:;|(?=\}))")


def forbidden_in_sheet(file: str, text: str) -> Iterator[Finding]:
    """What our pages' policy would block, and what turns the wrong way in Arabic."""
    bare = uncommented(text)
    for pattern, rule in (
        (r"@import\b", "@import is blocked: put the rules into this file"),
        (r"@font-face\b", "fonts are blocked by the pages' policy: name fonts that devices have"),
        (r"</\s*style", "holds HTML"),
        (r"\\", "write signs themselves, not their escapes"),
    ):
        for found in re.finditer(pattern, bare, re.IGNORECASE):
            yield Finding(file, rule, _line(bare, found.start()))
    for found in _FETCH.finditer(bare):
        if _OWN_IMAGE.fullmatch(found[1].strip()) is None:
            yield Finding(
                file,
                f"url({found[1].strip()}) is blocked: only images/… of the skin",
                _line(bare, found.start()),
            )
    if bare.count("{") != bare.count("}"):
        yield Finding(file, f"{bare.count('{')} opening braces and {bare.count('}')} closing ones")


def one_way_properties(file: str, text: str) -> Iterator[Finding]:
    """Left and right, which do not turn around in languages written from right to left."""
    bare = uncommented(text)
    physical = r"(?<![\w-])((?:margin|padding|border|inset)-(?:left|right)|left|right|float)\s*:"
    for found in re.finditer(physical, bare):
        yield Finding(
            file,
            f"{found[1]} does not turn around in Arabic: use inline-start and inline-end",
            _line(bare, found.start()),
        )


def uncommented(text: str) -> str:
    """A sheet without its comments, on the same lines."""
    return _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def palette(sheets: tuple[str, ...], features: tuple[str, ...]) -> dict[str, str]:
    """The tokens that hold where these media features are on, later sheets over earlier ones."""
    return {
        name: value
        for sheet in sheets
        for conditions, name, value in _tokens(uncommented(sheet))
        if conditions <= set(features)
    }


def _tokens(bare: str) -> Iterator[tuple[set[str], str, str]]:
    """The tokens of `:root` in their order, each with the media features that it asks for."""
    open_blocks: list[str] = []
    for found in _BLOCK.finditer(bare if bare.rstrip().endswith("}") else f"{bare}}}"):
        if found[1] is not None:
            open_blocks.append(found[1].strip())
        elif found[0] == "}":
            open_blocks = open_blocks[:-1]
        elif open_blocks and open_blocks[-1] == ":root":
            token = _TOKEN.match(found[2].strip())
            media = [
                block.removeprefix("@media").strip() for block in open_blocks if block.startswith("@media")
            ]
            if token is not None:
                conditions = {one.strip() for block in media for one in block.split(" and ")}
                yield conditions, token[1], token[2].strip()


def faint_colours(file: str, own: str, ours: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Finding]:
    """Pairs that cannot be read well once `own` stands between our sheets before and after it."""
    for look, features in LOOKS.items():
        tokens = palette((*ours, own, *after), features)
        least = MORE_CONTRAST if look.startswith("high") else TEXT_CONTRAST
        pairs = [(one, ground, least) for one, grounds in TEXT_ON.items() for ground in grounds]
        pairs += [(one, ground, LINE_CONTRAST) for one, grounds in LINE_ON.items() for ground in grounds]
        for one, ground, needed in pairs:
            yield from _faint(file, own, look, tokens, one, ground, needed)


def _faint(
    file: str, own: str, look: str, tokens: Mapping[str, str], one: str, ground: str, needed: float
) -> Iterator[Finding]:
    try:
        found = contrast(tokens[one], tokens[ground])
    except ValueError as error:
        yield Finding(file, f"{look}: {error}", _line_of_token(own, one) or _line_of_token(own, ground))
        return
    if found < needed:
        text = f"{look}: {one} on {ground} has a contrast of {found:.2f}:1, and needs {needed:g}:1"
        yield Finding(file, text, _line_of_token(own, one) or _line_of_token(own, ground))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21. Raises ValueError for one that is not #rgb or #rrggbb."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if re.fullmatch(r"[0-9a-fA-F]{6}", digits) is None or not colour.startswith("#"):
        raise ValueError(f"{colour} cannot be measured: write colours as #rrggbb")
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _line_of_token(text: str, name: str) -> int | None:
    bare = uncommented(text)
    found = re.search(rf"{re.escape(name)}\s*:", bare)
    return _line(bare, found.start()) if found else None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
