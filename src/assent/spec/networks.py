"""Which network an address belongs to: where addresses are counted, and where a server may be led to.

Sources: RFC 4291 2.5.1 (a subscriber has at least a /64 to choose from), RFC 4291 2.5.5.2 (IPv4 in IPv6).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST_BITS = 64
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_loopback(address: str) -> bool:
    """Whether it is this machine itself, or a proxy on it."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return (mapped or read).is_loopback


def is_loopback_url(url: str) -> bool:
    """Whether a URL leads to this machine only."""
    return (urlsplit(url).hostname or "") in LOOPBACK_HOSTS


def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address by itself, an IPv6 address by its /64; any other text as it is."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return f"{IPv6Address(int(read) >> _HOST_BITS << _HOST_BITS)}/64"


def is_global(address: str) -> bool:
    """Whether an IP address is one of the public internet. One that carries another inside is as public as that."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        carried = _carried(ip)
        if carried is not None:
            return is_global(str(carried))
    return ip.is_global and not ip.is_multicast


def _carried(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address in a mapped (RFC 4291 2.5.5.2), 6to4 (RFC 3056), Teredo (RFC 4380) or NAT64 (RFC 6052) one."""
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour
