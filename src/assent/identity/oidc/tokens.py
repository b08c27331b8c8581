"""Access tokens of other issuers at our FHIR server: who vouches for them, and whose account here they act for.

Off unless a provider's definition says `resource_server`. A token is asked about at the provider that it names, and
nowhere else; what cannot be verified, or stands for nobody here, is refused. Sources: RFC 7662, RFC 9068 4.
"""

from dataclasses import dataclass
from typing import Any

from assent.engine.bearer import NobodysToken
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ArrivalRefused
from assent.identity.oidc.claims import permissions_from, roles_from
from assent.identity.oidc.credentials import Registered
from assent.identity.oidc.directory import Providers
from assent.identity.oidc.introspection import Introspection
from assent.identity.oidc.keys import ProviderKeys
from assent.identity.oidc.metadata import Discovery, Metadata
from assent.records.people import Person
from assent.records.providers import Provider
from assent.spec.errors import InvalidToken
from assent.spec.foreign_tokens import BadForeignToken, ForeignToken, read_foreign_token
from assent.spec.id_tokens import BadIdToken
from assent.spec.jose import BadToken, Unverified, read_unverified
from assent.spec.permissions import Permission
from assent.storage.tables import IDENTITIES, PEOPLE

_NOT_VALID = "the access token is not valid"


@dataclass(frozen=True, slots=True)
class Guest:
    """Who asks with a token of another issuer: with the rights of `person`, or with the definition's own."""

    provider: Provider
    token: ForeignToken
    person: Person | None
    permissions: tuple[Permission, ...] = ()
    roles: tuple[str, ...] = ()


class ForeignTokens:
    """Reads tokens that are not ours."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._discovery = Discovery()
        self._keys = ProviderKeys()
        self._introspection = Introspection()

    async def read(self, server: AuthorizationServer, text: str, caller: Caller) -> Guest:
        """Who asks. Raises `NobodysToken` where nobody vouches for the token, `InvalidToken`, `ModuleDown`.

        `TooManyRequests`, where the provider was asked about too many made-up ones from this place.
        """
        registered, unverified = await self._issuer_of(server, text)
        provider = registered.provider
        metadata = await self._discovery.metadata(server, provider)
        try:
            if provider.token_validation == "introspection":
                claims = await self._introspected(server, registered, metadata, text, caller)
            else:
                claims = await self._verified(server, provider, metadata, unverified, text)
            token = read_foreign_token(
                claims,
                metadata.issuer,
                provider.token_audience or server.issuer.fhir_base,
                now=server.now(),
                leeway_seconds=provider.leeway_seconds,
            )
        except (BadForeignToken, BadIdToken) as error:
            raise NobodysToken(_NOT_VALID, detail=f"token of {provider.name}: {error}") from error
        return await _guest(server, provider, token)

    async def _issuer_of(
        self, server: AuthorizationServer, text: str
    ) -> tuple[Registered, Unverified | None]:
        """Who is to vouch: whom a JWT names; of an opaque token, the one provider that is asked about such."""
        trusted = [
            one
            for one in await self._providers.registered(server)
            if one.provider.enabled and "resource_server" in one.provider.trusted_for
        ]
        try:
            unverified = read_unverified(text)
        except BadToken:
            asked = [one for one in trusted if one.provider.token_validation == "introspection"]
            if len(asked) != 1:
                raise NobodysToken(_NOT_VALID, detail="no JWT, and no provider to ask about it") from None
            return asked[0], None
        named = str(unverified.claims.get("iss")).rstrip("/")
        found = [one for one in trusted if one.provider.iss.rstrip("/") == named]
        if len(found) != 1:
            raise NobodysToken(_NOT_VALID, detail="signed by no key of ours, nor by a trusted provider")
        return found[0], unverified

    async def _verified(
        self,
        server: AuthorizationServer,
        provider: Provider,
        metadata: Metadata,
        unverified: Unverified | None,
        text: str,
    ) -> dict[str, Any]:
        if unverified is None:
            raise BadForeignToken("it is no JWT")
        claims = await self._keys.verify(server, provider, metadata, text, "access token")
        if claims.get("sub") is None:
            raise BadForeignToken("it has no sub")  # RFC 9068 2.2: required
        return claims

    async def _introspected(
        self,
        server: AuthorizationServer,
        registered: Registered,
        metadata: Metadata,
        text: str,
        caller: Caller,
    ) -> dict[str, Any]:
        claims = await self._introspection.ask(server, registered, metadata, text, caller)
        if claims.get("active") is not True:
            raise BadForeignToken("the provider says that it is not active")
        return {"iss": metadata.issuer, **claims}  # whom we asked vouches, where the answer names nobody


async def _guest(server: AuthorizationServer, provider: Provider, token: ForeignToken) -> Guest:
    if provider.token_rights == "provider":
        try:
            permissions = permissions_from(provider, token.claims) or ()
            return Guest(provider, token, None, permissions, roles_from(provider, token.claims) or ())
        except ArrivalRefused as error:
            raise InvalidToken(_NOT_VALID, detail=f"token of {provider.name}: {error}") from error
    person = await _account(server, provider, token)
    if person is None or not person.enabled:
        why = "its sub has no account here, or one that is switched off"
        raise InvalidToken(_NOT_VALID, detail=f"token of {provider.name}: {why}")
    return Guest(provider, token, person)


async def _account(server: AuthorizationServer, provider: Provider, token: ForeignToken) -> Person | None:
    subject = token.subject or ""
    identity = await server.storage.get(IDENTITIES, provider.name, token.issuer, subject)
    if identity is None:
        return None
    return await server.storage.get(PEOPLE, identity.person_id)
