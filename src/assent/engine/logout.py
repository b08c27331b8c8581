"""RP-initiated logout: who asks, may the browser be sent back there, must the person be asked first.

Source: OpenID Connect RP-Initiated Logout 1.0, 2 and 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assent.engine.id_token_hints import read_id_token_hint
from assent.engine.issue import subject_of
from assent.engine.server import AuthorizationServer
from assent.engine.sessions import SomeSignIn
from assent.records.clients import Client
from assent.spec.errors import InvalidRequest
from assent.spec.redirects import add_parameters
from assent.storage.tables import CLIENTS


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A valid request to log out. `back` is where to go afterwards; `subject` is whom the ID token names."""

    client: Client | None
    back: str | None
    subject: str | None


async def read_logout_request(server: AuthorizationServer, params: Mapping[str, str]) -> LogoutRequest:
    """The request. Raises `InvalidRequest`: then nobody is sent anywhere."""
    text, client_id = params.get("id_token_hint"), params.get("client_id")
    hint = await read_id_token_hint(server, text) if text is not None else None
    if hint is not None and client_id not in (None, hint.client_id):
        raise InvalidRequest("client_id and id_token_hint name two clients")
    named = hint.client_id if hint is not None else client_id
    client = None
    if named:
        client = await server.storage.get(CLIENTS, named)
        if client is None:
            raise InvalidRequest("client_id is unknown here")
    back = params.get("post_logout_redirect_uri")
    if back is not None:
        if client is None:
            raise InvalidRequest("post_logout_redirect_uri needs id_token_hint or client_id")
        if back not in client.post_logout_redirect_uris:
            raise InvalidRequest("post_logout_redirect_uri is not registered for this client")
        state = params.get("state")
        back = add_parameters(back, [("state", state)]) if state else back
    return LogoutRequest(client, back, hint.subject if hint is not None else None)


def needs_asking(server: AuthorizationServer, request: LogoutRequest, signed_in: SomeSignIn) -> bool:
    """Whether the person confirms first: unless the app shows an ID token that she gave it."""
    if request.client is None or request.subject is None:
        return True
    return request.subject != subject_of(server, request.client, signed_in.person.person_id)
