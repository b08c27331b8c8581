"""Why something elsewhere was not reached, in plain words: for the doctor, the log and an app's own developer.

The libraries that connect wrap what the system said; the innermost cause that has words is told.
"""

import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

_ERRNO: Final = re.compile(r"\[Errno (\d+)\]")


def say_unreached(error: BaseException) -> str:
    """Such as `connection refused`, of an error or of what caused it; else the name of its kind."""
    for one in _causes(error):
        words = _words(one)
        if words is not None:
            return words
    return f"no usable answer ({type(error).__name__})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it wraps, and what caused that."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        wrapped = getattr(error, "os_error", None)
        yield from (wrapped, error) if isinstance(wrapped, OSError) else (error,)
        error = error.__cause__ or error.__context__


def _words(error: BaseException) -> str | None:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no secured connection: {(error.reason or 'TLS failed').lower().replace('_', ' ')}"
        case socket.gaierror():
            return "its name is not known"
        case TimeoutError():
            return "timed out"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            return "the connection was broken off"
        case OSError() if error.errno is not None and error.strerror:
            return error.strerror[:1].lower() + error.strerror[1:]
        case OSError() if found := _ERRNO.search(str(error)):  # what asyncio makes of several addresses
            return _words(OSError(int(found[1]), os.strerror(int(found[1]))))
        case _:
            return None
