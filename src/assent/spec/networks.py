"""Which network an address belongs to: where addresses are counted, and where a server may be led to.

Sources: RFC 4291 2.5.1 (a subscriber has at least a /64 to choose from), RFC 4291 2.5.5.2 (IPv4 in IPv6), RFC 1918,
RFC 4193 and RFC 6598 (networks of one's own).
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of this machine that lead nowhere else. Which redirect URIs may have any port is a rule of its own
(`spec.redirects`)."""
_OWN_NETWORKS: Final = tuple(
    ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
_METADATA: Final = frozenset(
    ip_address(one) for one in ("100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe")
)
"""Where clouds answer a machine's questions about itself, among them for its credentials, within `_OWN_NETWORKS`:
Alibaba Cloud, AWS, Google Cloud, Oracle Cloud."""
_HOST_BITS = 64
_NAT64: Final = IPv6Network("64:ff9b::/96")


@lru_cache(1024)
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


def is_own_network(address: str) -> bool:
    """Whether it is of somebody's own network: private, and neither loopback, link-local nor a cloud's metadata."""
    ip = ip_address(address.partition("%")[0])
    carried = _carried(ip) if isinstance(ip, IPv6Address) else None
    if carried is not None:
        return is_own_network(str(carried))
    return ip not in _METADATA and any(ip in network for network in _OWN_NETWORKS)


def _carried(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address in a mapped (RFC 4291 2.5.5.2), 6to4 (RFC 3056), Teredo (RFC 4380) or NAT64 (RFC 6052) one."""
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour
