"""Which parts there are: plain literal lists. A newcomer's line goes here."""

from collections.abc import Callable
from pathlib import Path

from assent.engine.client_auth import ClientAuthMethod
from assent.engine.client_auth.client_secret_basic import ClientSecretBasic
from assent.engine.client_auth.client_secret_post import ClientSecretPost
from assent.engine.client_auth.private_key_jwt import PrivateKeyJwt
from assent.engine.client_auth.public import Public
from assent.engine.client_auth.secrets import ClientSecrets
from assent.engine.grants import GrantType
from assent.engine.grants.authorization_code import AuthorizationCode
from assent.engine.grants.client_credentials import ClientCredentials
from assent.engine.grants.refresh_token import Refresh
from assent.engine.remote_keys import RemoteKeys
from assent.storage.interface import Backend

OpenBackend = Callable[[str, Path, int], Backend]


def grant_types() -> tuple[GrantType, ...]:
    """Every grant type, in the order of the discovery documents."""
    return (AuthorizationCode(), Refresh(), ClientCredentials())


def client_auth_methods(secrets: ClientSecrets, keys: RemoteKeys) -> tuple[ClientAuthMethod, ...]:
    """Every way in which a client may say who it is."""
    return (Public(), ClientSecretBasic(secrets), ClientSecretPost(secrets), PrivateKeyJwt(keys))


def _sqlite(url: str, folder: Path, connections: int) -> Backend:
    from assent.storage.sql.sqlite import open_sqlite

    return open_sqlite(url, folder=folder)


def _postgresql(url: str, folder: Path, connections: int) -> Backend:
    from assent.storage.sql.postgres import open_postgres

    return open_postgres(url, connections=connections)


def _memory(url: str, folder: Path, connections: int) -> Backend:
    from assent.storage.memory import open_memory

    return open_memory(url)


BACKENDS: dict[str, OpenBackend] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "postgres": _postgresql,
    "memory": _memory,
}


def open_backend(url: str, folder: Path, connections: int) -> Backend:
    """The backend that a database URL names; not connected yet. Raises `ValueError`."""
    scheme = url.partition(":")[0]
    if scheme not in BACKENDS:
        raise ValueError(f"database.url begins with one of {', '.join(BACKENDS)}")
    return BACKENDS[scheme](url, folder, connections)
