"""`id_token_hint`: an ID token of ours that an app shows, to say whom it means.

Good when one of our keys signed it for a client of ours, however long ago: it signs nobody in.
Sources: OpenID Connect Core 1.0 3.1.2.1, RP-Initiated Logout 1.0 2.
"""

from dataclasses import dataclass

from assent.engine.issue import ID_TOKEN_TYPE
from assent.engine.server import AuthorizationServer
from assent.spec.errors import InvalidRequest
from assent.spec.jose import BadToken


@dataclass(frozen=True, slots=True)
class Hint:
    """Whom the token names (`subject`, as that client knows her) and the client that it was given to."""

    subject: str
    client_id: str


async def read_id_token_hint(server: AuthorizationServer, hint: str) -> Hint:
    """What an ID token of this issuer says. Raises `InvalidRequest` for anything else."""
    try:
        claims = await server.keys.verify(hint, ID_TOKEN_TYPE)
    except BadToken as error:
        raise InvalidRequest("id_token_hint is no ID token of this issuer", detail=str(error)) from error
    subject, audience = claims.get("sub"), claims.get("aud")
    if (
        claims.get("iss") != server.issuer.url
        or not isinstance(subject, str)
        or not isinstance(audience, str)
    ):
        raise InvalidRequest("id_token_hint is no ID token of this issuer")
    return Hint(subject, audience)
