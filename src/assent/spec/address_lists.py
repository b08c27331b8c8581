"""Lists of addresses and networks, and whether an address is in one.

A socket that listens on IPv6 and IPv4 at once names an IPv4 peer as `::ffff:10.0.0.5`: it is 10.0.0.5 here.
Source: RFC 4291 2.5.5.2.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

_MAPPED: Final = IPv6Network("::ffff:0:0/96")


class AddressList:
    """Addresses and networks as a configuration has them. Raises `ValueError` on what is neither."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.networks: tuple[Network, ...] = tuple(read_network(text) for text in texts)

    def has(self, address: str | None) -> bool:
        """Whether the other end of a connection is one of them; what is no address is not."""
        try:
            found = ip_address(plain_address(address or ""))
        except ValueError:
            return False
        return any(found in network for network in self.networks)


def plain_address(address: str) -> str:
    """An IPv4 address that is written as an IPv6 one as what it is; any other text as it stands."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return address if mapped is None else str(mapped)


def read_network(text: str) -> Network:
    """The network that a text names. Raises `ValueError`."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        inner = int(network.network_address) & 0xFFFF_FFFF
        return IPv4Network((inner, network.prefixlen - _MAPPED.prefixlen))
    return network
