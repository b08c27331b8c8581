"""Which of our languages somebody asks for.

Owns the reading of `Accept-Language` and the meeting of wishes with what there is. Whose wish comes first is
`language_choice`'s business.
Sources: RFC 9110 12.5.4 (Accept-Language), RFC 4647 3.4 (lookup), BCP 47; CLDR's aliases (by Babel).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from babel import Locale, UnknownLocaleError, negotiate_locale

_MOST_WISHES: Final = 20
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_WISH: Final = re.compile(
    r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?"
)


def read_accept_language(header: str) -> tuple[str, ...]:
    """The languages of an `Accept-Language` header, the most wanted first; what is malformed in it is left out."""
    wishes: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_WISHES]:
        found = _WISH.fullmatch(part.strip())
        if found is None or found[1] == "*":
            continue  # any language: then ours
        quality = min(float(found[2]), 1.0) if found[2] else 1.0
        if quality > 0:  # RFC 9110 12.4.2: zero is "not acceptable"
            wishes.append((quality, found[1]))
    return tuple(dict.fromkeys(tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])))


def read_ui_locales(text: str) -> tuple[str, ...]:
    """The languages of `ui_locales`, in the order of preference (OpenID Connect Core 1.0, 3.1.2.1)."""
    return tuple(text.split()[:_MOST_WISHES])


def negotiate(wishes: Iterable[str], available: Sequence[str]) -> tuple[str, str] | None:
    """The first wish that we can fulfil, as the language that we have and the tag to write dates by; else None.

    `de-AT` is German, and its dates are Austria's: `("de", "de-AT")`.
    """
    for wish in wishes:
        if _TAG.fullmatch(wish) is None:
            continue
        found = negotiate_locale([wish.lower()], [tag.lower() for tag in available], sep="-")
        if found is None:
            continue
        language = next(tag for tag in available if tag.lower() == found.lower())
        return language, _with_region(language, wish)
    return None


def _with_region(language: str, wish: str) -> str:
    """The language in the region of the wish, where CLDR knows both together."""
    if "-" in language:
        return language
    regions = [part.upper() for part in wish.split("-")[1:] if re.fullmatch(r"[A-Za-z]{2}|\d{3}", part)]
    for region in regions[:1]:
        try:
            Locale.parse(f"{language}-{region}", sep="-")
        except (ValueError, UnknownLocaleError):
            return language
        return f"{language}-{region}"
    return language
