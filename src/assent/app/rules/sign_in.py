"""What the settings of `[sign_in]` may be, and how they have to agree. One check a setting, as for all others."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final

from assent.actions.definitions import nearest
from assent.app.inbound import MODULES, lacking_modules
from assent.app.rules.ldap import LDAP_CHECKS, ldap_agreements
from assent.app.rules.proxies import proxies
from assent.app.rules.saml import SAML_CHECKS, saml_agreements
from assent.app.setting_checks import BadSetting, Check, between, filled
from assent.app.settings import (
    IssuerSettings,
    MailSettings,
)
from assent.app.sign_in_settings import (
    CertificateSettings,
    LocalSettings,
    MockSettings,
    SignInSettings,
    TrustedHeaderSettings,
)
from assent.identity.mapping import BadRule, read_rules
from assent.spec.networks import LOOPBACK_HOSTS, is_loopback_url

_MAIL_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190}")
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_HOST: Final = 253  # RFC 1035 2.3.4
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def sign_in_agreements(issuer: IssuerSettings, place: str) -> Iterator[str]:
    """Where an issuer's sign-in settings do not agree. `place`: what its dotted paths begin with."""
    for name in lacking_modules(issuer):
        yield f"{place}sign_in.{name}: is needed, as sign_in.modules names {name}"
    if issuer.sign_in.ldap is not None:
        yield from ldap_agreements(issuer.sign_in.ldap, f"{place}sign_in.ldap")
    yield from saml_agreements(issuer, place)
    if "mock" in issuer.sign_in.modules and not is_loopback_url(issuer.public_url):
        yield f"{place}sign_in.modules: mock lets anybody in: it is for a public URL on loopback only"


def _modules(values: tuple[str, ...]) -> None:
    if not values:
        raise BadSetting("must name at least one module")
    for number, value in enumerate(values):
        if value not in MODULES:
            raise BadSetting(f"{value!r} is none of {', '.join(MODULES)}{nearest(value, MODULES)}")
        if value in values[:number]:
            raise BadSetting(f"{value!r} is named twice")


def _header_name(value: str) -> None:
    if _HEADER_NAME.fullmatch(value) is None:
        raise BadSetting("must be the name of a header (RFC 9110 5.1)")


def mail_agreements(mail: MailSettings) -> Iterator[str]:
    """Where the settings of mail do not agree."""
    if mail.host is not None and not mail.sender:
        yield "mail.sender: is needed, as mail.host is set"
    if mail.host is not None and mail.security == "none" and mail.host not in LOOPBACK_HOSTS:
        yield "mail.security: none is for a mail server on this machine only: codes would be there for all to read"


def _host(value: str | None) -> None:
    if value is not None and not _is_host(value):
        raise BadSetting("must be a host's name or address, such as mail.example.org")


def _is_host(value: str) -> bool:
    if len(value) <= _LONGEST_HOST and all(
        _LABEL.fullmatch(one) for one in value.removesuffix(".").split(".")
    ):
        return True
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _sender(value: str) -> None:
    if value and _MAIL_ADDRESS.fullmatch(value) is None:
        raise BadSetting("must be an address such as no-reply@example.org")


def _rules(values: tuple[str, ...]) -> None:
    try:
        read_rules(values)
    except BadRule as error:
        raise BadSetting(str(error)) from error


SIGN_IN_CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    **LDAP_CHECKS,
    (SignInSettings, "modules"): _modules,
    **SAML_CHECKS,
    (LocalSettings, "password_length"): between(1, 128),
    (LocalSettings, "password_strength"): between(0, 4),
    (LocalSettings, "breached_passwords"): filled,
    (LocalSettings, "code_seconds"): between(60, 86400),
    (LocalSettings, "argon2_memory_kib"): between(7168, 1 << 20),
    (LocalSettings, "argon2_passes"): between(1, 20),
    (LocalSettings, "argon2_lanes"): between(1, 16),
    (LocalSettings, "hash_threads"): between(1, 64),
    (MailSettings, "host"): _host,
    (MailSettings, "port"): between(1, 65535),
    (MailSettings, "authorities"): filled,
    (MailSettings, "sender"): _sender,
    (MailSettings, "timeout_seconds"): between(1, 300),
    (TrustedHeaderSettings, "proxies"): proxies,
    (TrustedHeaderSettings, "username"): _header_name,
    (TrustedHeaderSettings, "subject"): _header_name,
    (TrustedHeaderSettings, "given_name"): _header_name,
    (TrustedHeaderSettings, "family_name"): _header_name,
    (TrustedHeaderSettings, "email"): _header_name,
    (TrustedHeaderSettings, "fhir_user"): _header_name,
    (TrustedHeaderSettings, "groups"): _header_name,
    (TrustedHeaderSettings, "permissions"): _rules,
    (TrustedHeaderSettings, "provider"): filled,
    (CertificateSettings, "proxies"): proxies,
    (CertificateSettings, "authorities"): filled,
    (CertificateSettings, "header"): _header_name,
    (CertificateSettings, "permissions"): _rules,
    (MockSettings, "permissions"): _rules,
}
"""The check of each setting that its type does not say already, by settings class and field."""
