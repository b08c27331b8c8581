"""An issuer's directory, from its settings: how it is reached, and, for `assent doctor`, whether it is.

sansldap is imported only where a directory is asked.
"""

import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from assent.identity import PasswordModule
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.urls import read_server_url

if TYPE_CHECKING:
    from assent.identity.ldap.servers import Access


class BadDirectory(Exception):
    """What the settings of a directory name is not there, or cannot be read."""


def open_directory(settings: LdapSettings, folder: Path, stack: AsyncExitStack) -> PasswordModule:
    """The module that signs people in there; `stack` closes its connections. Raises `BadDirectory`."""
    from assent.identity.ldap.module import LdapModule
    from assent.identity.ldap.servers import Servers

    servers = Servers(read_access(settings, folder))
    stack.push_async_callback(servers.close)
    return LdapModule(settings, servers)


def read_access(settings: LdapSettings, folder: Path) -> "Access":
    """How the directory is reached; `folder` is the configuration's. Raises `BadDirectory`."""
    from assent.identity.ldap.servers import Access

    urls = tuple(read_server_url(text) for text in settings.servers)
    needs_tls = settings.start_tls or any(url.is_tls for url in urls)
    return Access(
        urls,
        _trust(settings, folder) if needs_tls else None,
        settings.start_tls,
        settings.bind_dn,
        settings.bind_password,
        settings.answer_seconds,
        settings.connections,
    )


async def directory_problems(settings: LdapSettings, folder: Path) -> list[tuple[str, str | None]]:
    """Each server's URL, with what is amiss there; None where nothing is. Raises `BadDirectory`."""
    from assent.identity.ldap.probe import find_problem

    access = read_access(settings, folder)
    found = [(str(url), await find_problem(settings, access, url)) for url in access.urls]
    return [(url, problem and problem.removeprefix(f"{url}: ")) for url, problem in found]


def _trust(settings: LdapSettings, folder: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer, the certificate's chain and host name checked: the defaults of the standard library."""
    file = folder / settings.authorities if settings.authorities is not None else None
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError is one
        raise BadDirectory(f"sign_in.ldap.authorities: {file} cannot be read: {error}") from error
