"""The one place where what was raised becomes an answer: JSON for programs, a page for people.

Owns the answer's form, its reference id and its log line. What is refused, and with which public words, is
said where it is raised (`spec.errors`, `PageRefused`); anything else that is raised is a fault of ours:
`server_error`, and the cause goes to the log alone.

Sources: RFC 6749 5.2, RFC 6750 3, RFC 9110 15.5.2 (401 always names a scheme).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.engine.authorize.request import PageError
from assent.engine.server import RecordSystemDown
from assent.records.clients import Client
from assent.spec.errors import (
    AssentError,
    InsufficientScope,
    InvalidClient,
    InvalidToken,
    OAuthError,
    TooManyRequests,
)
from assent.storage.interface import StorageError
from assent.web.forms import BadForm
from assent.web.headers import has_begun, request_id
from assent.web.log import Log
from assent.web.messages import Messages
from assent.web.skins.looks import Looks
from assent.web.views import AppView, PageView

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0, 1, I, L, O: it is read aloud
_PAIRS: Final = tuple(low + high for high in _ALPHABET for low in _ALPHABET)
_PLAIN_WORDS: Final = "Something went wrong on our side. Please try again in a minute. Reference: {}\n"
_REFUSED_WORDS: Final = {404: "missing", 405: "method", 413: "large", 414: "large", 431: "large"}


class PageRefused(AssentError):
    """A page says no to its reader. `words` names the messages `error.<words>.title` and `.text`.

    `detail` is for the log.
    """

    def __init__(self, status: int, words: str, *, detail: str | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Fault:
    """What the outside is told. `code` and `description` are for programs, `words` for people.

    `client`: the app to which the person may go back.
    """

    status: int
    code: str
    description: str
    words: str
    reference: str
    headers: tuple[tuple[str, str], ...] = ()
    client: Client | None = None


Surface = Callable[[Request, Fault], Response]


class ErrorAnswers:
    """Which surface answers, by the beginning of the path.

    `surfaces`: pairs of path prefix and surface, the first that fits; `otherwise` answers for all other paths.
    Below `private` paths, the path itself is data (a record's id) and is not logged.
    """

    def __init__(
        self,
        surfaces: tuple[tuple[str, Surface], ...],
        otherwise: Surface,
        log: Log,
        private: tuple[str, ...] = (),
    ) -> None:
        self._surfaces = surfaces
        self._otherwise = otherwise
        self._log = log
        self._private = private

    def answer(self, request: Request, error: Exception) -> Response:
        """The answer to what was raised while `request` was served; writes the log line."""
        identity = request_id(request.scope)
        fault = fault_of(error, reference_of(identity), has_credentials="authorization" in request.headers)
        path = request.url.path
        logged = next((prefix for prefix in self._private if path.startswith(prefix)), path)
        fields = {
            "reference": fault.reference,
            "request_id": identity,
            "path": logged,
            "status": fault.status,
        }
        if fault.status >= 500:
            self._log.error("request_failed", exc_info=error, **fields)
        else:
            cause = error.error if isinstance(error, PageError) else error
            detail = getattr(cause, "detail", None)
            self._log.info(
                "request_refused", code=fault.code, rule=fault.description, detail=detail, **fields
            )
        surface = next((s for prefix, s in self._surfaces if path.startswith(prefix)), self._otherwise)
        try:
            return surface(request, fault)
        except Exception as broken:  # a template that fails here, too, must not leave a blank page
            self._log.error("error_page_failed", exc_info=broken, **fields)
            return PlainTextResponse(_PLAIN_WORDS.format(fault.reference), 500)


class ErrorBoundary:
    """ASGI middleware: nothing that is raised below goes past it unanswered. Its place is in `stack`."""

    def __init__(self, app: ASGIApp, answers: ErrorAnswers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if has_begun(scope):
                raise  # half an answer is out: the server closes the connection
            await self._answers.answer(Request(scope, receive), error)(scope, receive, send)


def fault_of(error: Exception, reference: str, *, has_credentials: bool) -> Fault:
    """Give what the outside is told of `error`. `has_credentials`: the request had an `Authorization` header."""
    if isinstance(error, BadForm):
        return Fault(error.status, error.code, error.description, "request", reference)
    if isinstance(error, OAuthError):
        headers = _oauth_headers(error, has_credentials=has_credentials)
        words = "busy" if isinstance(error, TooManyRequests) else "ours" if error.status >= 500 else "app"
        return Fault(error.status, error.code, error.description, words, reference, headers)
    if isinstance(error, PageError):
        client = error.client if error.because in ("expired", "used") else None
        return Fault(400, error.error.code, error.error.description, error.because, reference, client=client)
    if isinstance(error, RecordSystemDown):
        return Fault(503, "temporarily_unavailable", "the record system did not answer", "records", reference)
    if isinstance(error, StorageError):
        return Fault(503, "temporarily_unavailable", "the database did not answer", "ours", reference)
    if isinstance(error, PageRefused):
        return Fault(error.status, "access_denied", "this form or page is refused", error.words, reference)
    if isinstance(error, HTTPException) and error.status_code < 500:
        words = _REFUSED_WORDS.get(error.status_code, "request")
        headers = tuple((error.headers or {}).items())
        return Fault(error.status_code, "invalid_request", error.detail, words, reference, headers)
    return Fault(500, "server_error", "something of ours failed", "ours", reference)


def answer_json(_request: Request, fault: Fault) -> Response:
    """The error response of RFC 6749 5.2."""
    body = {"error": fault.code, "error_description": f"{fault.description} (reference {fault.reference})"}
    # RFC 6749 5.1: both headers on whatever may hold credentials
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache", **dict(fault.headers)}
    return JSONResponse(body, fault.status, headers)


def page_surface(
    looks: Looks, page_of: Callable[[Request], PageView], app_of: Callable[[Client, Messages], AppView]
) -> Surface:
    """The surface that answers people: `error.html`, in the look and language of the request."""

    def answer_page(request: Request, fault: Fault) -> Response:
        look = looks.of(request)
        messages = look.language.messages(request)
        look.language.keep(request)
        context = {
            "languages": look.language.links(request),
            "page": page_of(request),
            "title": messages.text(f"error.{fault.words}.title"),
            "text": messages.text(f"error.{fault.words}.text"),
            "maker_note": fault.description if fault.words == "app" else None,
            "reference": fault.reference,
            "app": app_of(fault.client, messages) if fault.client else None,
            "link": _again(request) if fault.words in ("form", "records") else None,
        }
        html = look.templates.render("error.html", context, messages)
        return HTMLResponse(html, fault.status, dict(fault.headers))

    return answer_page


def _again(request: Request) -> str:
    """The page whose form was refused, to be shown anew: each form is posted to the address of its page."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def reference_of(identity: str) -> str:
    """A request id in a form that can be read out on the telephone: `7F3K-22`."""
    number, first = divmod(int(identity, 16), len(_PAIRS))
    number, second = divmod(number, len(_PAIRS))
    return f"{_PAIRS[first]}{_PAIRS[second]}-{_PAIRS[number % len(_PAIRS)]}"


def _oauth_headers(error: OAuthError, *, has_credentials: bool) -> tuple[tuple[str, str], ...]:
    if isinstance(error, TooManyRequests):
        return (("Retry-After", str(error.retry_after_seconds)),)
    if isinstance(error, InvalidClient):
        return (("WWW-Authenticate", 'Basic realm="assent"'),)  # RFC 6749 5.2
    if isinstance(error, InvalidToken | InsufficientScope):
        challenge = 'Bearer realm="assent"'
        if has_credentials:  # RFC 6750 3.1: without a token, no error code
            challenge += f', error="{error.code}", error_description="{error.description}"'
        return (("WWW-Authenticate", challenge),)
    return ()
