"""Where fetching may lead: to the public internet, and to the hosts of one's own network that the settings name.

A host that is named may have an address of a network of one's own, and none that belongs to this machine or its link:
what answers there (this server's own ports, a cloud's metadata) trusts whoever asks.
Source: OWASP SSRF Prevention (allow lists).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from assent.app.setting_checks import BadSetting
from assent.app.settings import OutboundSettings
from assent.engine.server import FetchFailed
from assent.spec.networks import LOOPBACK_HOSTS, is_global, is_own_network

_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)
_NEITHER: Final = "must not be loopback, link-local or metadata: these are never opened"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be connected to: all of them, or public ones and those of `hosts`."""

    everywhere: bool
    hosts: frozenset[tuple[str, int | None]]

    def check(self, host: str, port: int, addresses: Iterable[str]) -> None:
        """Raises `FetchFailed` when one of the addresses that `host` has may not be connected to."""
        inside = [] if self.everywhere else [one for one in addresses if not is_global(one)]
        if not all(is_own_network(one) for one in inside):
            raise FetchFailed(
                "the host's address is loopback, link-local or reserved, which outbound.private_hosts cannot open"
            )
        if inside and not self._names(host, port):
            raise FetchFailed(
                "the host's address is private: if the host is one of your own network, name it in"
                " outbound.private_hosts"
            )

    def _names(self, host: str, port: int) -> bool:
        name = host.lower().removesuffix(".")
        return (name, None) in self.hosts or (name, port) in self.hosts


def read_reach(settings: OutboundSettings, *, is_loopback: bool) -> Reach:
    """What the settings open. `is_loopback`: the installation itself is only reachable on this machine."""
    hosts = frozenset(_read_host(one) for one in settings.private_hosts)
    return Reach(settings.allow_private or is_loopback, hosts)


def check_private_hosts(values: tuple[str, ...]) -> None:
    """Raises `BadSetting` unless each is a host's exact name or address, with a port or without."""
    for value in values:
        try:
            _read_host(value)
        except ValueError as error:
            raise BadSetting(f"{value!r} {error}") from error


def _read_host(value: str) -> tuple[str, int | None]:
    """Raises `ValueError` with the rule that is broken."""
    if "*" in value:
        raise ValueError("must be one host's exact name: wildcards are not taken")
    if "/" in value or "@" in value:
        raise ValueError("must be a host alone, such as id.hospital.example: no URL, path, user or network")
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("must be host or host:port, an IPv6 address in brackets") from error
    written = f"[{host}]" if ":" in host else host
    if port == 0 or value.lower() != (written if port is None else f"{written}:{port}"):
        raise ValueError("must be host or host:port, an IPv6 address in brackets")
    try:
        address = ip_address(host)
    except ValueError:
        return _read_name(host), port
    if not is_own_network(str(address)):
        raise ValueError("is public and open already" if is_global(str(address)) else _NEITHER)
    return str(address), port


def _read_name(host: str) -> str:
    if host in LOOPBACK_HOSTS or host.endswith(".localhost"):
        raise ValueError(_NEITHER)
    last = host.rpartition(".")[2]
    if _NAME.fullmatch(host) is None or ".." in host or last.isdigit() or last.startswith("0x"):
        raise ValueError("is no host name (letters beyond ASCII are written xn--…)")
    return host
