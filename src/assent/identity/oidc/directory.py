"""The providers of one issuer as they are now: those of the configuration, then those of the database."""

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity import RedirectModule
from assent.identity.oidc.credentials import Registered, opened
from assent.identity.oidc.keys import ProviderKeys
from assent.identity.oidc.metadata import Discovery
from assent.identity.oidc.module import OidcModule
from assent.records.providers import Provider
from assent.storage.tables import PROVIDERS


class Providers:
    """Finds providers and opens their credentials. `configured`: those of the configuration, offered first."""

    def __init__(self, sealer: Sealer, configured: tuple[Registered, ...]) -> None:
        self._sealer = sealer
        self._configured = configured
        self._discovery = Discovery()
        self._keys = ProviderKeys()
        self._opened: dict[str, Registered] = {}

    async def redirects(self, server: AuthorizationServer) -> tuple[RedirectModule, ...]:
        """The enabled providers that people may sign in at, by name."""
        return tuple(
            OidcModule(registered, self._discovery, self._keys)
            for registered in await self.registered(server)
            if registered.provider.enabled and "sign_in" in registered.provider.trusted_for
        )

    async def registered(self, server: AuthorizationServer) -> tuple[Registered, ...]:
        """Every provider with our credentials there. The configuration's go before the database's."""
        names = {one.provider.name for one in self._configured}
        stored = await server.storage.find(PROVIDERS)
        return (*self._configured, *(self._open(server, one) for one in stored if one.name not in names))

    def _open(self, server: AuthorizationServer, provider: Provider) -> Registered:
        known = self._opened.get(provider.name)
        if known is None or known.provider != provider:
            known = self._opened[provider.name] = opened(self._sealer, server.issuer.id, provider)
        return known
