"""From a bearer token to rights: scope ∩ permission, both as they are now.

Source: product rule (rights = scope ∩ permission); RFC 6750 2.1; SMART App Launch 2.2 (T10).
"""

from dataclasses import dataclass

from assent.engine.bearer import Bearer, read_bearer
from assent.engine.server import AuthorizationServer
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import powers


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and what may be done."""

    bearer: Bearer
    rights: Rights

    @property
    def binding(self) -> str:
        """What further pages are bound to: the grant, or the client on its own, and the rights as they are now."""
        grant = self.bearer.grant
        holder = f"grant {grant.grant_id}" if grant else f"client {self.bearer.client.client_id}"
        return repr((holder, self.rights.scopes.text, self.rights.patient, self.rights.powers))


async def read_access(server: AuthorizationServer, authorization: str | None) -> Access:
    """The access of an Authorization header. Raises `InvalidToken`, and `RecordSystemDown` from the links."""
    bearer = await read_bearer(server, authorization)
    if bearer.person is None or bearer.grant is None:
        own = powers(bearer.client.permissions)
        return Access(bearer, Rights(bearer.scope, own, None, "client"))
    patient = bearer.grant.context.get("patient")
    of_person = await server.records.powers(bearer.person)
    in_context = patient if isinstance(patient, str) else None
    return Access(bearer, Rights(bearer.scope, of_person, in_context, "person"))
