"""What the settings of modules behind a proxy may be, and what the proxy in front has to do for them to be safe.

A header is as good as the proxy that writes it: whatever name is mapped here and not overwritten there, people write
themselves.
"""

from collections.abc import Iterator
from typing import Final

from assent.app.setting_checks import BadSetting, networks
from assent.app.settings import IssuerSettings
from assent.app.sign_in_settings import TrustedHeaderSettings
from assent.spec.address_lists import read_network

_WIDEST: Final = {4: 8, 6: 32}
"""The shortest prefix of a network that one may call one's own, by IP version: 10.0.0.0/8, a provider's IPv6 block."""

MAPPED: Final = ("username", "subject", "given_name", "family_name", "email", "fhir_user", "groups")
"""The settings that name a header."""


def proxies(values: tuple[str, ...]) -> None:
    """The addresses whose word is taken for who somebody is."""
    if not values:
        raise BadSetting("must name the proxy: from anywhere else, headers can be made up")
    networks(values)
    for value in values:
        if is_wide(value):
            raise BadSetting(
                f"{value} is no proxy but half the world, which could say to be anybody: name its address"
            )


def is_wide(value: str) -> bool:
    """Whether a network has more addresses than somebody's own."""
    network = read_network(value)
    return network.prefixlen < _WIDEST[network.version]


def believed_headers(settings: TrustedHeaderSettings) -> tuple[str, ...]:
    """The headers that the proxy must set or remove in every request."""
    return tuple(dict.fromkeys(name for one in MAPPED if (name := getattr(settings, one)) is not None))


def proxy_warnings(issuer: IssuerSettings, place: str) -> Iterator[str]:
    """What the proxy has to do, and cannot be seen from here. `place`: what the issuer's dotted paths begin with."""
    header, certificate = issuer.sign_in.header, issuer.sign_in.certificate
    modules = issuer.sign_in.modules
    if header is not None and "header" in modules:
        names = ", ".join(believed_headers(header))
        yield f"{place}sign_in.header: the proxy must set or remove each of these in every request: {names}"
    if certificate is not None and "certificate" in modules:
        yield (
            f"{place}sign_in.certificate: the proxy must set or remove {certificate.header} in every request,"
            " also where no certificate was shown"
        )


def name_warnings(issuer: IssuerSettings, place: str) -> Iterator[str]:
    """Modules whose people somebody can forestall, by signing up under their user names before they come."""
    if not issuer.sign_up.enabled:
        return
    ldap = issuer.sign_in.ldap
    if ldap is not None and "ldap" in issuer.sign_in.modules and not ldap.username_prefix:
        yield (
            f"{place}sign_in.ldap.username_prefix: is empty while sign_up.enabled, so that a stranger can take the user"
            " name of somebody of the directory before she first signs in; she is refused then"
        )
    for name in ("header", "certificate"):
        if name in issuer.sign_in.modules:
            yield (
                f"{place}sign_up.enabled: a stranger can take the user name of somebody whom the module {name} lets in"
                " before she first does; she is refused then"
            )
