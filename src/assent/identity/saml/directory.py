"""The SAML providers of one issuer: those of its configuration."""

from collections.abc import Mapping
from pathlib import Path

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity import RedirectModule, Redirects
from assent.identity.saml.keys import MadeKeys
from assent.identity.saml.module import SamlModule
from assent.identity.saml.settings import SamlSettings


def open_providers(providers: Mapping[str, SamlSettings], folder: Path, sealer: Sealer) -> Redirects:
    """Their modules, in the order of the configuration. Raises `BadKeyFile`."""
    made = MadeKeys(sealer)
    modules: tuple[RedirectModule, ...] = tuple(
        SamlModule(name, settings, folder, made) for name, settings in providers.items()
    )

    async def all_of_them(_server: AuthorizationServer) -> tuple[RedirectModule, ...]:
        return modules

    return all_of_them
