"""Files with one text each, named after their language: `de.md`, `de-AT.md`."""

from pathlib import Path

from assent.web.languages import is_language
from assent.web.prose import Block, read_prose


def read_prose_file(path: Path, largest: int) -> tuple[bytes, tuple[Block, ...]]:
    """The octets of a file of at most `largest`, and what they say.

    Raises ValueError with what is wrong, OSError when it cannot be read.
    """
    if not is_language(path.stem):
        raise ValueError("is named after no language: write de.md or de-AT.md")
    source = path.read_bytes()
    if len(source) > largest:
        raise ValueError(f"is larger than {largest // 1024} kB")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start})") from error
    if not text.strip():
        raise ValueError("has no text")
    if any(ord(letter) < 32 and letter not in "\n\r\t\f" for letter in text):
        raise ValueError("holds control characters")
    return source, read_prose(text)
