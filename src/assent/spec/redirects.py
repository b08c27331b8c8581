"""Redirect URIs and other registered addresses: what may be registered, what matches, how an answer is added.

Owns rules about addresses as texts; nothing here is fetched. Which error may be redirected is the engine's.

Sources: RFC 6749 3.1.2 (absolute, no fragment, query kept), RFC 9700 2.1 and 4.1.3 (exact comparison, no
wildcards), RFC 8252 7.1 (private-use schemes have a dot), 7.3 and 8.3 (loopback, any port for the addresses).
"""

import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from assent.spec.networks import LOOPBACK_HOSTS

_URI: Final = re.compile(r"[A-Za-z0-9._~:/?@!$&'()+,;=%\[\]-]+")  # RFC 3986 2, without * and #
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_LOOPBACK_ADDRESS: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f:.]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2000


class BadUri(ValueError):
    """An address that may not be registered: the rule it breaks."""


def check_redirect_uri_definition(uri: str) -> None:
    """Raises BadUri unless `uri` may be registered for redirects.

    That is: https; http on `localhost`, `127.0.0.1` and `[::1]` alone; a private-use scheme with a dot in it.
    """
    parts = _split(uri)
    if parts.scheme in _DEFAULT_PORTS:
        _check_web(parts)
        return
    if _PRIVATE_SCHEME.fullmatch(parts.scheme) is None:
        raise BadUri("the scheme must be https, or a private one with a dot such as com.example.app")
    if "@" in parts.netloc:
        raise BadUri("a user or password is not allowed in it")


def check_web_uri_definition(uri: str) -> None:
    """Raises BadUri unless `uri` is https, or http on a loopback host: for launch, logo, policy addresses."""
    parts = _split(uri)
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadUri("the scheme must be https")
    _check_web(parts)


def _split(uri: str) -> SplitResult:
    if not uri or len(uri) > _LONGEST:
        raise BadUri(f"it must have 1 to {_LONGEST} characters")
    if "#" in uri:
        raise BadUri("a fragment is not allowed")  # RFC 6749 3.1.2
    if "*" in uri:
        raise BadUri("a wildcard is not allowed")  # RFC 9700 4.1.3
    if _URI.fullmatch(uri) is None or _BAD_PERCENT.search(uri):
        raise BadUri("it holds characters that a URI may not hold")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise BadUri("it is not a valid absolute URI") from error
    if port == 0:
        raise BadUri("the port is not valid")
    if not parts.scheme:
        raise BadUri("it must be absolute, with its scheme")
    return parts


def _check_web(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise BadUri("a user or password is not allowed in it")
    host = parts.hostname or ""
    if _HOST.fullmatch(host) is None:
        raise BadUri("the host is missing or not valid")
    if parts.scheme == "http" and host not in LOOPBACK_HOSTS:
        raise BadUri("http is allowed for localhost, 127.0.0.1 and [::1] alone")
    if any(segment in (".", "..") for segment in parts.path.split("/")):
        raise BadUri("dot segments are not allowed")


def is_registered(uri: str, registered: Collection[str]) -> bool:
    """Whether `uri` is one of `registered`: the same text, but for the port on 127.0.0.1 and [::1]."""
    if uri in registered:
        return True
    asked = _without_port(uri)
    return asked is not None and any(_without_port(one) == asked for one in registered)


def _without_port(uri: str) -> tuple[str, str] | None:
    # RFC 8252 7.3: any port for loopback addresses. Never for the name localhost (8.3), nor for other hosts.
    match = _LOOPBACK_ADDRESS.fullmatch(uri)
    if match is None:
        return None
    host, port, rest = match.groups()
    return (host, rest) if port is None or int(port) <= 65535 else None


def is_native(uri: str) -> bool:
    """Whether `uri` leads to an app on the person's own device, where another may listen too (RFC 8252)."""
    parts = urlsplit(uri)
    return parts.scheme != "https" and (parts.scheme != "http" or parts.hostname in LOOPBACK_HOSTS)


def origin_of(uri: str) -> str | None:
    """The web origin of `uri` as a browser writes it, or None for a private-use scheme (RFC 6454 6.2)."""
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if parts.port is None or parts.port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{parts.port}"


def add_parameters(uri: str, parameters: Iterable[tuple[str, str]]) -> str:
    """`uri` with `parameters` added to its query, which is kept (RFC 6749 3.1.2).

    Every character outside RFC 3986's unreserved set is percent-encoded as UTF-8, a space as %20, so that a
    value such as `state` comes back the same to form and to URI decoders.
    """
    added = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters)
    if not added:
        return uri
    if "?" not in uri:
        return f"{uri}?{added}"
    return f"{uri}{added}" if uri.endswith(("?", "&")) else f"{uri}&{added}"
