"""The answer that sends the browser back to the app, and the same answer once more.

A button that is pressed twice sends its form twice, and the browser keeps the second answer only: the code of the first
would be lost, and the person stand before a page that says that all was answered. So the code of a stored request is
made from a key of ours and the request: the same request has the same code, and for some seconds, while nobody has
redeemed it, the same session of the same browser gets it again. A no is told again likewise, to who says no again.

Sources: RFC 6749 4.1.2, RFC 9207 (`iss`).
"""

import base64
import hashlib
import hmac
from typing import Final

from assent.engine.authorize.request import AuthorizeRequest, PageError
from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.sessions import Pending
from assent.spec.errors import AccessDenied, InvalidRequest
from assent.spec.redirects import add_parameters
from assent.storage.tables import CODES, PENDING

AGAIN_SECONDS: Final = 10


class AnsweredAlready(PageError):
    """The request was answered before.

    `again`: where the browser was sent, if it may be sent there once more, by the same answer alone: `was_no` says
    whether it was a no.
    """

    def __init__(self, client: Client | None, again: str | None = None, *, was_no: bool = False) -> None:
        super().__init__(InvalidRequest("this request was answered already"), client, "used")
        self.again = again
        self.was_no = was_no


def code_for(server: AuthorizationServer, pending: Pending | None) -> str:
    """The code of a stored request, always the same; a fresh one where none is stored. 256 bits."""
    if pending is None:
        return new_handle(server)
    made = hmac.digest(server.cookie_key, b"authorization code " + pending.pending_hash, hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


async def answered_already(
    server: AuthorizationServer, pending: Pending, session_hash: bytes | None, client: Client | None
) -> AnsweredAlready:
    """What to raise for a request that was answered; `session_hash` is of the session that asks again."""
    now = server.now()
    known = await server.storage.get(PENDING, pending.pending_hash)
    if known is None or session_hash is None or known.session_hash != session_hash:
        return AnsweredAlready(client)
    if known.closed_at + AGAIN_SECONDS <= now:
        return AnsweredAlready(client)
    if known.refused is not None:
        told = {"error": AccessDenied.code, "error_description": known.refused}
    else:
        told = {"code": code_for(server, pending)}
        code = await server.storage.get(CODES, hash_handle(told["code"]))
        if code is None or code.used_at or code.expires_at <= now:
            return AnsweredAlready(client)
    request = AuthorizeRequest.from_json(known.request)
    again = redirect_url(server, request.redirect_uri, {**told, "state": request.state})
    return AnsweredAlready(client, again, was_no=known.refused is not None)


def redirect_url(server: AuthorizationServer, redirect_uri: str, params: dict[str, str | None]) -> str:
    """The app's redirect URI with these parameters and `iss` (RFC 9207)."""
    given = [(name, value) for name, value in params.items() if value is not None]
    return add_parameters(redirect_uri, [*given, ("iss", server.issuer.url)])
