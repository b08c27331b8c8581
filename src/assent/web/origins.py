"""Origins of URLs: who posts a form (CSRF), who may read an answer (CORS), where a form may end (CSP), what is shown.

Owns the comparison form of an origin. Which origins are welcome is their user's business.
Sources: RFC 6454 4 and 6.1, RFC 5891 4.4 (A-labels), CSP 3 2.3.1 (source list grammar), RFC 8252 7.1 (custom schemes).
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_HOST: Final = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_SCRIPT_SCHEMES: Final = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript"})


def origin_of(url: str) -> str | None:
    """The origin as browsers serialize it (`https://app.example`, default port left out), or None.

    None for a URL without a host, and for anything that cannot be told apart from header syntax.
    """
    try:
        parts = urlsplit(url)
        host, port = _host_of(parts), parts.port
    except (ValueError, UnicodeError):
        return None
    scheme = parts.scheme.lower()
    if host is None or not _SCHEME.fullmatch(scheme):
        return None
    if port is None or port == _DEFAULT_PORTS.get(scheme):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{port}"


def form_source_of(url: str) -> str | None:
    """The CSP source that lets a form end at `url`: its origin, or `scheme:` where CSP has no finer word.

    That is so for custom schemes (`org.example.app:/done`) and for IPv6 addresses, which the host grammar lacks.
    None when `url` is no place to end at.
    """
    scheme = urlsplit(url).scheme.lower()
    if not _SCHEME.fullmatch(scheme) or scheme in _SCRIPT_SCHEMES:
        return None
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}:"
    origin = origin_of(url)
    if origin is None:
        return None
    return f"{scheme}:" if "[" in origin else origin


def host_of(url: str) -> str | None:
    """The host of a web address as pages name it: ASCII (`xn--…`), so that no letter passes for another.

    With its port where that is not the usual one; never what stands before an `@`, which is there to mislead. None for
    what is no web address, as that of an app on the device.
    """
    origin = origin_of(url)
    scheme, _, host = (origin or "").partition("://")
    return host if scheme in _DEFAULT_PORTS else None


def _host_of(parts: SplitResult) -> str | None:
    """Lower case, IDNA encoded, IPv6 in brackets. Raises ValueError or UnicodeError on a malformed one."""
    if not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode("ascii")
    return host if _HOST.fullmatch(host) else None
