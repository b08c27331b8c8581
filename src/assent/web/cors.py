"""Which web apps may read our answers from their own pages.

Three policies. *Public* (discovery, keys, `metadata`): any origin. *Per client* (token endpoint, FHIR): the
origins of the client's redirect URIs; as a preflight does not say which client asks, it is answered for any
origin, and the answer that follows is readable for that client's own origins only. *Listed* (FHIR, with a token of
another issuer, whose clients are not known here): the origins that the issuer's definition lists, and no others. No
answer ever allows credentials (cookies).
Sources: SMART App Launch 2.2 "Considerations for Cross-Origin Resource Sharing", Fetch 3.3.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from assent.web.headers import add_header
from assent.web.origins import origin_of

Pairs = tuple[tuple[str, str], ...]

ALLOWED_HEADERS: Final = (
    "Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, "
    "Prefer, X-Request-Id"
)
EXPOSED_HEADERS: Final = (
    "Content-Location, DPoP-Nonce, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Progress, "
    "X-Request-Id"
)
_PREFLIGHT_SECONDS: Final = 600
# RFC 8252 7.3: an app on this computer takes any free port for these two
_FREE_PORT_HOSTS: Final = frozenset({"127.0.0.1", "::1"})


def public_headers() -> Pairs:
    """Headers of an answer that any web page may read."""
    return (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED_HEADERS))


def client_headers(origin: str | None, redirect_uris: Iterable[str]) -> Pairs:
    """Headers of an answer to a client: readable when `origin` is that of one of its `redirect_uris`."""
    return _headers_for(origin, origin is not None and is_client_origin(origin, redirect_uris))


def listed_headers(origin: str | None, origins: Iterable[str]) -> Pairs:
    """Headers of an answer that pages of these `origins` may read, each of them exactly."""
    return _headers_for(origin, origin is not None and origin in origins)


def _headers_for(origin: str | None, is_welcome: bool) -> Pairs:
    vary = (("Vary", "Origin"),)
    if origin is None or not is_welcome:
        return vary
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
        *vary,
    )


def preflight_headers(methods: str, *more: str) -> Pairs:
    """Headers of the answer to a preflight, for any origin; `methods` as in `GET, POST`, `more` headers to allow."""
    return (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", ", ".join((ALLOWED_HEADERS, *more))),
        ("Access-Control-Max-Age", str(_PREFLIGHT_SECONDS)),
    )


def is_client_origin(origin: str, redirect_uris: Iterable[str]) -> bool:
    """Is `origin` that of one of these redirect URIs? The port is free for the two loopback addresses."""
    if origin_of(origin) != origin:
        return False  # "null", or nothing that a browser sends
    asked = _without_free_port(origin)
    return any(_without_free_port(uri) == asked for uri in redirect_uris)


def is_preflight(request: HTTPConnection) -> bool:
    """Does a browser ask whether it may ask? (Fetch 3.3.2: OPTIONS with these two headers.)"""
    return (
        request.scope.get("method") == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def answer_preflight(methods: str, *more: str) -> Response:
    """204 with what a browser needs to go on."""
    return Response(status_code=204, headers=dict(preflight_headers(methods, *more)))


def allow_client(request: HTTPConnection, redirect_uris: Iterable[str]) -> None:
    """Let the client's own web pages read whatever answers `request`, a refusal included."""
    for name, value in client_headers(request.headers.get("origin"), redirect_uris):
        add_header(request, name, value)


def allow_listed(request: HTTPConnection, origins: Iterable[str]) -> None:
    """Let the web pages of these origins read whatever answers `request`, a refusal included."""
    for name, value in listed_headers(request.headers.get("origin"), origins):
        add_header(request, name, value)


def allow_any(request: HTTPConnection) -> None:
    """Let any web page read whatever answers `request`."""
    for name, value in public_headers():
        add_header(request, name, value)


def _without_free_port(url: str) -> str | None:
    origin = origin_of(url)
    if origin is None or urlsplit(origin).hostname not in _FREE_PORT_HOSTS:
        return origin
    return origin.rpartition(":")[0] if urlsplit(origin).port else origin
