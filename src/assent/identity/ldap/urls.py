"""`ldaps://host:port` and `ldap://host:port`: where a directory's servers are."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"ldap": 389, "ldaps": 636}


class BadUrl(ValueError):
    """A text that names no LDAP server."""


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """Where a server is, and whether TLS comes first."""

    host: str
    port: int
    is_tls: bool

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ldaps' if self.is_tls else 'ldap'}://{host}:{self.port}"


def read_server_url(text: str) -> ServerUrl:
    """The server of a URL (RFC 4516) that says nothing but where. Raises `BadUrl`."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadUrl(f"{text!r} is no URL: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadUrl(f"{text!r} is not written ldaps://host or ldap://host")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise BadUrl(f"{text!r} must be scheme, host and port alone")
    return ServerUrl(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "ldaps")
