"""Which network an address belongs to, where addresses are counted.

Sources: RFC 4291 2.5.1 (a subscriber has at least a /64 to choose from), RFC 4291 2.5.5.2 (IPv4 in IPv6).
"""

from ipaddress import IPv6Address, ip_address

_HOST_BITS = 64


def is_loopback(address: str) -> bool:
    """Whether it is this machine itself, or a proxy on it."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return (mapped or read).is_loopback


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
