"""Which inbound modules sign people in at an issuer: plain literal lists. A newcomer's line goes here.

A module's own libraries are imported only where it is on.
"""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from assent.app.settings import IssuerSettings
from assent.identity import HeaderModule, Inbound, PasswordModule
from assent.identity.guarded import GuardedModule
from assent.identity.mapping import read_rules
from assent.identity.trusted_header import Proxies

OpenPasswordModule = Callable[[IssuerSettings, AsyncExitStack], PasswordModule]
OpenHeaderModule = Callable[[IssuerSettings, Path], HeaderModule]


class BadModule(Exception):
    """A module cannot be opened: what its settings name is not there, or cannot be read."""


def open_inbound(issuer: IssuerSettings, folder: Path, stack: AsyncExitStack) -> Inbound:
    """The modules that `sign_in.modules` of an issuer names, in its order; `stack` closes what they hold.

    `folder` is where the configuration lies. Raises `BadModule`.
    """
    names = issuer.sign_in.modules
    return Inbound(
        passwords=tuple(
            GuardedModule(PASSWORD_MODULES[name](issuer, stack)) for name in names if name in PASSWORD_MODULES
        ),
        headers=tuple(HEADER_MODULES[name](issuer, folder) for name in names if name in HEADER_MODULES),
    )


def lacking_modules(issuer: IssuerSettings) -> Iterator[str]:
    """The modules that are on and lack the table that they need."""
    for name in issuer.sign_in.modules:
        if getattr(issuer.sign_in, name, "") is None:
            yield name


def _local(issuer: IssuerSettings, _stack: AsyncExitStack) -> PasswordModule:
    from assent.identity.local.module import LocalModule

    return LocalModule(issuer.sign_in.local_title)


def _mock(issuer: IssuerSettings, _stack: AsyncExitStack) -> PasswordModule:
    from assent.identity.mock import Mock

    settings = issuer.sign_in.mock
    return Mock("Mock", settings.fhir_user_type, read_rules(settings.permissions))


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
    )


PASSWORD_MODULES: dict[str, OpenPasswordModule] = {"local": _local, "mock": _mock}
HEADER_MODULES: dict[str, OpenHeaderModule] = {"header": _header, "certificate": _certificate}
MODULES = (*PASSWORD_MODULES, *HEADER_MODULES)
"""Every name that `sign_in.modules` may hold."""
