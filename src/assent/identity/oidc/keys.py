"""What a provider signed: verified by its published keys, or those that its definition holds.

Keys that are rotated there are seen at the first token that they sign: a set without the `kid` is fetched anew, not
more often than every ten seconds. Source: OpenID Connect Core 1.0 10.1.1.
"""

from typing import Any, Final

from assent.engine.remote_keys import NoKeys, RemoteKeys, UnknownKey
from assent.engine.server import AuthorizationServer
from assent.identity import ModuleDown
from assent.identity.oidc.metadata import Metadata
from assent.records.providers import Provider
from assent.spec import jose
from assent.spec.id_tokens import BadIdToken, Kind, check_header, choose_key
from assent.spec.tenants import is_key_of

REFETCH_SECONDS: Final = 10
_DOTS_OF_JWE: Final = 4  # RFC 7516 7.1: five parts, where a JWS has three


class ProviderKeys:
    """The keys of every provider."""

    def __init__(self) -> None:
        self._remote = RemoteKeys("the provider's", REFETCH_SECONDS)

    async def verify(
        self,
        server: AuthorizationServer,
        provider: Provider,
        metadata: Metadata,
        token: str,
        kind: Kind,
    ) -> jose.Claims:
        """The claims of a token of this kind, once its signature holds. Raises `BadIdToken`, `ModuleDown`."""
        try:
            if token.count(".") == _DOTS_OF_JWE:
                raise BadIdToken("it is encrypted, which is not supported: register it to be signed alone")
            unverified = jose.read_unverified(token)
            alg = check_header(unverified.header, provider.id_token_algs, kind)
            kid = unverified.header.get("kid")
            if kid is not None and not isinstance(kid, str):
                raise BadIdToken("header kid must be a text")
            keys = await self.keys(server, provider, metadata, kid)
            key = choose_key(keys, alg, kid)
            if metadata.tenants and not is_key_of(key, unverified.claims):
                raise BadIdToken("the key is that of another tenant")
            return jose.verify(unverified, jose.read_verifying_key(key), (alg,))
        except (jose.BadToken, jose.BadKey) as error:
            raise BadIdToken(str(error)) from error

    async def keys(
        self, server: AuthorizationServer, provider: Provider, metadata: Metadata, kid: str | None
    ) -> tuple[dict[str, Any], ...]:
        """The provider's public JWKs. Raises `BadIdToken`, `ModuleDown`."""
        if provider.jwks is not None:  # what a definition holds is all that counts
            return tuple(provider.jwks["keys"])
        try:
            return await self._remote.get(server, metadata.needed("jwks_uri"), kid)
        except UnknownKey as error:
            raise BadIdToken(str(error)) from error
        except NoKeys as error:
            raise ModuleDown(str(error)) from error
