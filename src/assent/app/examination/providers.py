"""What `assent check` says of an issuer's providers: allowed, and probably not meant."""

from assent.actions.changes import every
from assent.actions.definitions import nearest
from assent.actions.providers.desk import configured_providers
from assent.actions.providers.rules import provider_warnings
from assent.app.inbound import REDIRECT_MODULES
from assent.app.settings import IssuerSettings
from assent.storage.interface import Storage
from assent.storage.tables import PROVIDERS


async def provider_reports(storage: Storage, issuer: IssuerSettings) -> list[str]:
    """The warnings of one issuer."""
    configured = [one.provider for one in configured_providers(issuer.providers)]
    stored = await every(storage, PROVIDERS)
    found = [
        f"provider {provider.name}: {warning}"
        for provider in (*configured, *stored)
        if provider.enabled
        for warning in provider_warnings(provider)
    ]
    found += [
        f"provider {name}: that of the configuration stands over the one of the database"
        for name in sorted({one.name for one in configured} & {one.name for one in stored})
    ]
    signing_in = [one for one in (*configured, *stored) if one.enabled and "sign_in" in one.trusted_for]
    is_on = "oidc" in issuer.sign_in.modules
    if signing_in and not is_on:
        found.append("sign_in.modules: oidc is not among them, so that nobody can sign in at the providers")
    if is_on and not signing_in:
        found.append("sign_in.modules: oidc is among them, and there is no provider: assent provider add")
    known = [*_modules_and_saml(issuer), *dict.fromkeys(one.name for one in (*configured, *stored))]
    found += [
        f"engine.second_factor_trusts: {name!r} is no provider, nor a module that is on{nearest(name, known)}"
        for name in issuer.engine.second_factor_trusts
        if name not in known
    ]
    return found


def _modules_and_saml(issuer: IssuerSettings) -> list[str]:
    """Names under which sessions begin: modules, and where those have several providers, these."""
    return [name for name in issuer.sign_in.modules if name not in REDIRECT_MODULES] + [*issuer.sign_in.saml]
