"""Pictures of a skin: PNG, JPEG, WebP, and SVG of which only the drawing is left.

An SVG comes from the operator, never from an app. It is served under a policy that lets it do nothing
(`web.headers`), and must hold no script, no link and nothing that is fetched.
Sources: PNG 3 (5.2), ISO/IEC 10918-1, RFC 9649 (WebP), SVG 2 (secure static mode).
"""

import re
from pathlib import PurePath
from typing import Final
from xml.etree import ElementTree as ET

from assent.web.static import StaticFile

MOST_BYTES: Final = 40_000
TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.[a-z]{3,4}")
_DRAWING: Final = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"}
    | {
        "title",
        "desc",
        "defs",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
        "mask",
        "use",
        "symbol",
    }
)


class BadImage(ValueError):
    """A file that is no picture a page may show; the text says why."""


def read_image(name: str, content: bytes) -> StaticFile:
    """The picture as it is served. Raises `BadImage`."""
    if _NAME.fullmatch(name) is None:
        raise BadImage("is named with a-z, 0-9, _ and - alone")
    media_type = TYPES.get(PurePath(name).suffix)
    if media_type is None:
        raise BadImage(f"is none of {', '.join(TYPES)}")
    if len(content) > MOST_BYTES:
        raise BadImage(f"has {len(content)} bytes: {MOST_BYTES} at most")
    if media_type == "image/svg+xml":
        _check_svg(content)
    elif _type_of(content) != media_type:
        raise BadImage(f"is not {media_type}, as its name says, but {_type_of(content) or 'something else'}")
    return StaticFile.of(content, media_type)


def _type_of(content: bytes) -> str | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def _check_svg(content: bytes) -> None:
    """Raises `BadImage` for anything but a drawing."""
    try:
        text = content.decode()
        if re.search(r"<!(?!--)", text):
            raise BadImage("must have no DOCTYPE, entity or CDATA")
        root = ET.fromstring(text)  # noqa: S314  # no DOCTYPE by here, so no entities to expand
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise BadImage(f"is no SVG in UTF-8: {error}") from error
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name not in _DRAWING:
            raise BadImage(f"must not hold <{name}>: only what is drawn")
        for key, value in element.attrib.items():
            attribute = key.rpartition("}")[2].lower()
            if attribute.startswith("on") or attribute == "style":
                raise BadImage(f"must not hold the attribute {attribute}")
            if attribute == "href" and not value.startswith("#"):
                raise BadImage("must link to nothing outside of itself")
            if re.search(r"url\(\s*[\"']?(?!#)", value):
                raise BadImage("must fetch nothing")
