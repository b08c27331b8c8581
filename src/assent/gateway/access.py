"""From a bearer token to rights: scope ∩ permission, both as they are now.

Source: product rule (rights = scope ∩ permission); RFC 6750 2.1; SMART App Launch 2.2 (T10).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from assent.engine.authority import permissions_of
from assent.engine.authorize.scope import cached_scopes
from assent.engine.bearer import Bearer, NobodysToken, look_at_token, read_bearer_header
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.oidc.tokens import ForeignTokens, Guest
from assent.records.clients import Client
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import Power, powers
from assent.spec.scope_sets import read_scopes

MAX_REMEMBERED_SCOPE: Final = 1_000
"""Characters; of scopes longer than this only a few are remembered."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and what may be done.

    `origins`: whose web pages may ask, where another issuer's token does; None: those of the client's redirect URIs.
    `partition`: where, at a FHIR server that has partitions.
    """

    bearer: Bearer
    rights: Rights
    origins: tuple[str, ...] | None = None
    partition: str | None = None

    @property
    def holder(self) -> str:
        """Whose access it is: a grant's, or that of a client on its own."""
        grant = self.bearer.grant
        subject = self.bearer.claims.get("sub")
        return repr(("grant", grant.grant_id) if grant else ("client", self.bearer.client.client_id, subject))

    @property
    def binding(self) -> str:
        """What further pages and files are bound to: the holder, the rights as they are now, and the partition."""
        rights = self.rights
        scopes = sorted(rights.scopes.texts)  # the same in another order is the same
        what = (scopes, rights.patient, rights.powers, rights.acting, self.partition)
        return repr((self.holder, what))


async def read_access(
    server: AuthorizationServer, foreign: ForeignTokens, authorization: str | None, caller: Caller
) -> Access:
    """The access of an Authorization header: a token of ours, or one of an issuer that is trusted.

    Raises `InvalidToken`, `RecordSystemDown` from the links, `ModuleDown` from the other issuer, and `TooManyRequests`.
    """
    token = read_bearer_header(authorization)
    try:
        bearer = await look_at_token(server, token)
    except NobodysToken:
        return await _read_foreign(server, await foreign.read(server, token, caller))
    if bearer.person is None or bearer.grant is None:
        own = powers(await permissions_of(server.storage, bearer.client))
        return Access(bearer, _rights(bearer.scope.text, own, None, "client"))
    patient = bearer.grant.context.get("patient")
    of_person = await server.records.powers(bearer.person)
    in_context = patient if isinstance(patient, str) else None
    return Access(bearer, _rights(bearer.scope.text, of_person, in_context, "person"))


async def _read_foreign(server: AuthorizationServer, guest: Guest) -> Access:
    """What the other issuer's token says, within what her account, or its definition, may do here."""
    token = guest.token
    scopes = cached_scopes(token.scope).scopes
    stand_in = Client(f"{guest.provider.name}:{token.client_id}", guest.provider.title)
    bearer = Bearer(dict(token.claims), scopes, stand_in, None, guest.person)
    origins = guest.provider.allowed_origins
    if guest.person is not None:
        held = await server.records.powers(guest.person)
        return Access(bearer, _rights(scopes.text, held, token.patient, "person"), origins)
    acting: Literal["person", "client"] = "client" if token.acts_alone else "person"
    held = powers(await permissions_of(server.storage, guest))
    return Access(bearer, _rights(scopes.text, held, token.patient, acting), origins)


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
