"""The SAML providers of an issuer as they are found: each step for `assent provider test`, the worst for the doctor.

signxml comes with the extra `saml` and is imported only where a provider is tried out.
"""

from collections.abc import AsyncIterator
from pathlib import Path

from assent.app.inbound import SAML_MISSING
from assent.app.settings import IssuerSettings
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity.probing import Status, Step

Said = tuple[Status, str, str]
"""How it is, whose, and what there is to say."""


async def try_saml_provider(
    server: AuthorizationServer, issuer: IssuerSettings, name: str, folder: Path, sealer: Sealer
) -> tuple[Step, ...]:
    """What comes of trying out a provider of the configuration, which lies in `folder`."""
    try:
        from assent.identity.saml.probe import probe
    except ModuleNotFoundError:
        return (Step("fail", "the module", f"saml {SAML_MISSING}"),)
    settings = issuer.sign_in.saml[name]
    return tuple([step async for step in probe(server, name, settings, folder, sealer)])


async def saml_providers(
    server: AuthorizationServer, issuer: IssuerSettings, folder: Path, sealer: Sealer
) -> AsyncIterator[Said]:
    """The worst that there is to say of each provider, where the module is on."""
    for name in issuer.sign_in.saml if "saml" in issuer.sign_in.modules else ():
        steps = await try_saml_provider(server, issuer, name, folder, sealer)
        worst = max(steps, key=lambda step: ("ok", "warn", "fail").index(step.status))
        yield worst.status, f"provider {name}", worst.detail
