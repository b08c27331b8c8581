"""The program that turns a stranger's picture into a small PNG: bytes in by standard input, out by standard output.

It runs as a process of its own (`app.pictures`), with nothing in its environment and little memory and time, so that
what a flaw in a decoder could reach is this process alone. A picture that cannot be had: status 1, the reason on
standard error. What comes out holds pixels and nothing else: no metadata, no second frame.
"""

import io
import resource
import sys
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
"""What is decoded. No SVG: it is a document with scripts and links, not a picture."""

SIDE: Final = 128
"""Pixels of the longer side: pages show logos at 40, on screens of up to three pixels each."""

MOST_PIXELS: Final = 4096 * 4096
SMALL_BYTES: Final = 16 * 1024
"""Beyond this a PNG is written with a palette, so that no logo makes a page slow."""

_MEMORY_BYTES: Final = 1024 * 1024 * 1024
_PROCESSOR_SECONDS: Final = 8


class NoPicture(Exception):
    """The reason, in words."""


def main() -> int:
    """Reads, writes, and gives the exit status."""
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        sys.stdout.buffer.write(small_png(sys.stdin.buffer.read()))
    except NoPicture as error:
        sys.stderr.write(str(error))
        return 1
    return 0


def small_png(content: bytes) -> bytes:
    """The picture as a PNG of `SIDE` pixels at most. Raises `NoPicture`."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPicture(f"it has more than {MOST_PIXELS} pixels")
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than is needed
            upright = ImageOps.exif_transpose(opened)
            pixels = upright.convert("RGBA")
            pixels.thumbnail((SIDE, SIDE))
            return _encoded(pixels)
    except UnidentifiedImageError as error:
        raise NoPicture(f"it is none of {', '.join(FORMATS)}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NoPicture(f"it has more than {MOST_PIXELS} pixels") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError, IndexError) as error:
        raise NoPicture(f"it cannot be decoded ({type(error).__name__})") from error


def _encoded(pixels: Image.Image) -> bytes:
    """The pixels alone as a PNG: a fresh picture has no metadata to take along."""
    fresh = Image.new("RGBA", pixels.size)
    fresh.paste(pixels)
    png = _png(fresh)
    return png if len(png) <= SMALL_BYTES else _png(fresh.quantize(256))


def _png(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
