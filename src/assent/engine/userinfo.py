"""What an app may know of the person who granted it: the claims that its scopes open, as they are now.

Source: OpenID Connect Core 1.0 5.3 and 5.4.
"""

from typing import Any

from assent.engine.bearer import read_bearer
from assent.engine.issue import fhir_user_of, subject_of
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.spec.claims import opened_claims
from assent.spec.errors import InsufficientScope


async def userinfo(server: AuthorizationServer, authorization: str | None) -> tuple[dict[str, Any], Client]:
    """The claims, and the client that asks. Raises `InvalidToken`, `InsufficientScope`."""
    bearer = await read_bearer(server, authorization)
    grant, person, client = bearer.grant, bearer.person, bearer.client
    if grant is None or person is None or not bearer.scope.has("openid"):
        raise InsufficientScope("the scope openid is required, of a token that a person granted")
    names = [name for name in (person.given_name, person.family_name) if name]
    known: dict[str, str | int | None] = {
        "sub": subject_of(server, client, person.person_id),
        "name": " ".join(names) or None,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "preferred_username": person.username,
        "locale": person.locale,
        "updated_at": person.updated_at or None,
        "email": person.email,
        "fhirUser": fhir_user_of(server, grant, bearer.scope),
    }
    return opened_claims(bearer.scope.names, known), client
