"""Which inbound modules sign people in at an issuer: plain literal lists. A newcomer's line goes here.

A module's own libraries are imported only where it is on.
"""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from assent.actions.providers.desk import configured_providers
from assent.app.directories import BadDirectory, open_directory
from assent.app.settings import IssuerSettings
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity import HeaderModule, Inbound, PasswordModule, RedirectModule, Redirects
from assent.identity.guarded import GuardedModule
from assent.identity.local.policy import PasswordPolicy
from assent.identity.local.registration import LocalRegistration
from assent.identity.mapping import read_rules
from assent.identity.registration import Registration, RegistrationModule
from assent.identity.trusted_header import Proxies

OpenPasswordModule = Callable[[IssuerSettings, Path, AsyncExitStack], PasswordModule]
OpenHeaderModule = Callable[[IssuerSettings, Path], HeaderModule]
OpenRedirects = Callable[[IssuerSettings, Path, Sealer], Redirects]

SAML_MISSING: Final = "needs signxml, which comes with the extra saml: make install-extras, or assent[saml]"


class BadModule(Exception):
    """A module cannot be opened: what its settings name is not there, or cannot be read."""


def open_inbound(issuer: IssuerSettings, folder: Path, sealer: Sealer, stack: AsyncExitStack) -> Inbound:
    """The modules that `sign_in.modules` of an issuer names, in its order; `stack` closes what they hold.

    `folder` is where the configuration lies; `sealer` opens what the database keeps sealed. Raises `BadModule`.
    """
    names = issuer.sign_in.modules
    return Inbound(
        passwords=tuple(
            GuardedModule(PASSWORD_MODULES[name](issuer, folder, stack))
            for name in names
            if name in PASSWORD_MODULES
        ),
        redirects=_joined(
            [REDIRECT_MODULES[name](issuer, folder, sealer) for name in names if name in REDIRECT_MODULES]
        ),
        headers=tuple(HEADER_MODULES[name](issuer, folder) for name in names if name in HEADER_MODULES),
    )


def _joined(sources: list[Redirects]) -> Redirects:
    async def all_of_them(server: AuthorizationServer) -> tuple[RedirectModule, ...]:
        return tuple([module for source in sources for module in await source(server)])

    return all_of_them


def registration_of(issuer: IssuerSettings, policy: PasswordPolicy) -> Registration | None:
    """How people may make accounts themselves; `policy` is what their passwords have to be."""
    settings = issuer.sign_up
    if not settings.enabled:
        return None
    return Registration(
        module=REGISTRATION_MODULES[settings.registration_module](policy),
        rules=read_rules(settings.permissions),
        referrers=frozenset(settings.referrers),
        from_address=settings.from_address_per_hour,
        to_address=settings.to_address_per_hour,
        code_seconds=settings.code_seconds,
    )


def lacking_modules(issuer: IssuerSettings) -> Iterator[str]:
    """The modules that are on and lack the table that they need."""
    for name in issuer.sign_in.modules:
        if getattr(issuer.sign_in, name, "") is None:
            yield name


def _local(issuer: IssuerSettings, _folder: Path, _stack: AsyncExitStack) -> PasswordModule:
    from assent.identity.local.module import LocalModule

    return LocalModule(issuer.sign_in.local_title)


def _mock(issuer: IssuerSettings, _folder: Path, _stack: AsyncExitStack) -> PasswordModule:
    from assent.identity.mock import Mock

    settings = issuer.sign_in.mock
    return Mock("Mock", settings.fhir_user_type, read_rules(settings.permissions))


def _ldap(issuer: IssuerSettings, folder: Path, stack: AsyncExitStack) -> PasswordModule:
    settings = issuer.sign_in.ldap
    if settings is None:
        raise BadModule("sign_in.ldap is missing")
    try:
        return open_directory(settings, folder, stack)
    except BadDirectory as error:
        raise BadModule(str(error)) from error


def _oidc(issuer: IssuerSettings, _folder: Path, sealer: Sealer) -> Redirects:
    from assent.identity.oidc.directory import Providers

    return Providers(sealer, configured_providers(issuer.providers)).redirects


def _saml(issuer: IssuerSettings, folder: Path, sealer: Sealer) -> Redirects:
    try:
        from assent.identity.saml.directory import open_providers
        from assent.identity.saml.keys import BadKeyFile
    except ModuleNotFoundError as error:
        raise BadModule(f"sign_in.modules: saml {SAML_MISSING}") from error
    try:
        return open_providers(issuer.sign_in.saml, folder, sealer)
    except BadKeyFile as error:
        raise BadModule(f"sign_in.saml: {error}") from error


def _header(issuer: IssuerSettings, _folder: Path) -> HeaderModule:
    from assent.identity.trusted_header import HeaderNames, TrustedHeader

    settings = issuer.sign_in.header
    if settings is None:
        raise BadModule("sign_in.header is missing")
    names = HeaderNames(
        settings.username,
        settings.subject,
        settings.given_name,
        settings.family_name,
        settings.email,
        settings.fhir_user,
        settings.groups,
    )
    return TrustedHeader(
        Proxies(settings.proxies), names, read_rules(settings.permissions), settings.provider
    )


def _certificate(issuer: IssuerSettings, folder: Path) -> HeaderModule:
    from cryptography import x509

    from assent.identity.client_certificate import ClientCertificate

    settings = issuer.sign_in.certificate
    if settings is None:
        raise BadModule("sign_in.certificate is missing")
    file = folder / settings.authorities
    try:
        authorities = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BadModule(f"sign_in.certificate.authorities: {file} cannot be read: {error}") from error
    return ClientCertificate(
        Proxies(settings.proxies),
        settings.header,
        settings.format,
        authorities,
        settings.username,
        read_rules(settings.permissions),
        settings.subject,
    )


PASSWORD_MODULES: dict[str, OpenPasswordModule] = {"local": _local, "ldap": _ldap, "mock": _mock}
HEADER_MODULES: dict[str, OpenHeaderModule] = {"header": _header, "certificate": _certificate}
REGISTRATION_MODULES: dict[str, Callable[[PasswordPolicy], RegistrationModule]] = {"local": LocalRegistration}
REDIRECT_MODULES: dict[str, OpenRedirects] = {"oidc": _oidc, "saml": _saml}
MODULES = (*PASSWORD_MODULES, *REDIRECT_MODULES, *HEADER_MODULES)
"""Every name that `sign_in.modules` may hold."""
