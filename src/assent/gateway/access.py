"""From a bearer token to rights: scope ∩ permission, both as they are now.

Source: product rule (rights = scope ∩ permission); RFC 6750 2.1; SMART App Launch 2.2 (T10).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from assent.engine.bearer import Bearer, read_bearer
from assent.engine.server import AuthorizationServer
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import Power, powers
from assent.spec.scope_sets import read_scopes

MAX_REMEMBERED_SCOPE: Final = 1_000
"""Characters; of scopes longer than this only a few are remembered."""


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
        return Access(bearer, _rights(bearer.scope.text, own, None, "client"))
    patient = bearer.grant.context.get("patient")
    of_person = await server.records.powers(bearer.person)
    in_context = patient if isinstance(patient, str) else None
    return Access(bearer, _rights(bearer.scope.text, of_person, in_context, "person"))


def _rights(
    scope: str, held: tuple[Power, ...], patient: str | None, acting: Literal["person", "client"]
) -> Rights:
    """Equal rights are one value, so that what was worked out of them serves the next request too."""
    remember = _read_short if len(scope) <= MAX_REMEMBERED_SCOPE else _read_long
    return remember(scope, held, patient, acting)


def _read(
    scope: str, held: tuple[Power, ...], patient: str | None, acting: Literal["person", "client"]
) -> Rights:
    return Rights(read_scopes(scope).scopes, held, patient, acting)


_read_short = lru_cache(maxsize=1024)(_read)
_read_long = lru_cache(maxsize=32)(_read)
