"""The headers that every answer carries: what a browser may do with it, and the id by which it is found again.

Owns the Content-Security-Policy of pages. A response that brings a policy of its own (the demo's sample app) keeps it.
A page whose form can end at an app's redirect URI says so with `allow_form_target`: Chromium applies `form-action`
to the redirect that answers a form too.

No Cross-Origin-Opener-Policy: apps open the sign-in in a pop-up and wait for it to come back to their own origin.

Sources: CSP 3, RFC 6797 (HSTS), Referrer Policy, OAuth 2.0 Security BCP (RFC 9700) 4.16 on framing.
"""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent.web.origins import form_source_of

_KEY: Final = "assent.exchange"
_IDS_AT_ONCE: Final = 64

_ALWAYS: Final = ((b"x-content-type-options", b"nosniff"),)
# `same-origin`, not `no-referrer`: under the latter browsers post our own forms with `Origin: null`
# (Fetch, "append a request Origin header"), and the Origin of every form is checked.
_PAGE: Final = (
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# What is no page (JSON, a FHIR Binary from the upstream server) must stay dead when a browser opens it as one.
_DATA_POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox")


@dataclass(slots=True)
class _Exchange:
    """What is known of one request and is to be on its answer, whoever writes that answer."""

    request_id: str
    has_begun: bool = False
    form_sources: list[str] = field(default_factory=list)
    has_script: bool = False
    extra: list[tuple[bytes, bytes]] = field(default_factory=list)


class SecurityHeaders:
    """ASGI middleware, the outermost of ours. `random(n)` gives n random bytes.

    `https`: the public URL is https (not what this hop speaks; TLS may end before us).
    `frame_ancestors`: origins of EHRs that may show our pages in a frame; none by default.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        random: Callable[[int], bytes],
        https: bool,
        frame_ancestors: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._ids = _request_ids(random)
        self._frame_ancestors = " ".join(frame_ancestors) or "'none'"
        self._always = (*_ALWAYS, _HSTS) if https else _ALWAYS
        # X-Frame-Options cannot name origins; where some may frame us, frame-ancestors alone decides.
        self._page = _PAGE if frame_ancestors else (*_PAGE, (b"x-frame-options", b"DENY"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(next(self._ids))
        scope[_KEY] = exchange

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.has_begun = True
                message["headers"] = self._dressed(exchange, list(message.get("headers", ())))
            await send(message)

        await self._app(scope, receive, send_dressed)

    def _dressed(self, exchange: _Exchange, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower(): value for name, value in headers}
        headers += self._always
        headers += exchange.extra
        headers.append((b"x-request-id", exchange.request_id.encode()))
        if not present.get(b"content-type", b"").startswith((b"text/html", b"application/xhtml")):
            if b"content-security-policy" not in present:
                headers.append(_DATA_POLICY)
            return headers
        headers += self._page
        if b"content-security-policy" not in present:
            policy = page_policy(
                tuple(exchange.form_sources), self._frame_ancestors, has_script=exchange.has_script
            )
            headers.append((b"content-security-policy", policy.encode()))
        if b"cache-control" not in present:
            headers.append((b"cache-control", b"no-store"))
        return headers


def page_policy(
    form_sources: tuple[str, ...] = (), frame_ancestors: str = "'none'", *, has_script: bool = False
) -> str:
    """The policy of a page: own style sheets and pictures, forms to us and to `form_sources`, no script unless said."""
    form_action = " ".join(("'self'", *form_sources))
    script = "script-src 'self'; " if has_script else ""
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; {script}"
        f"form-action {form_action}; frame-ancestors {frame_ancestors}; base-uri 'none'"
    )


def allow_form_target(request: HTTPConnection, uri: str) -> None:
    """Let the forms of the page that answers `request` end at `uri` (a registered redirect URI)."""
    source = form_source_of(uri)
    exchange = _exchange(request.scope)
    if source is not None and source not in exchange.form_sources:
        exchange.form_sources.append(source)


def allow_script(request: HTTPConnection) -> None:
    """Let the page that answers `request` run script of ours: passkeys cannot be asked for without."""
    _exchange(request.scope).has_script = True


def add_header(request: HTTPConnection, name: str, value: str) -> None:
    """Put a header on whatever answers `request`, an error included."""
    _exchange(request.scope).extra.append((name.lower().encode("latin-1"), value.encode("latin-1")))


def has_begun(scope: MutableMapping[str, Any]) -> bool:
    """Whether an answer to this request has begun to go out."""
    return _exchange(scope).has_begun


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The id of this request, 16 hex digits, as in its `X-Request-Id`."""
    return _exchange(scope).request_id


def _request_ids(random: Callable[[int], bytes]) -> Iterator[str]:
    """16 hex digits each, drawn many at a time: a call of the system for every request would cost more."""
    while True:
        drawn = random(8 * _IDS_AT_ONCE).hex()
        yield from (drawn[start : start + 16] for start in range(0, len(drawn), 16))


def _exchange(scope: MutableMapping[str, Any]) -> _Exchange:
    found: _Exchange = scope[_KEY]
    return found
