"""`assent init`: a new installation in a folder: its configuration, master key, database and first signing keys.

What is there is kept: a second run only completes what is missing. A master key is never made anew beside a database
that holds what another one sealed.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from assent.actions.keys import list_keys
from assent.app.configuration import quiet, read_settings, read_settings_text
from assent.app.installation import InstallationError, open_installation, write_master_key
from assent.app.registry import open_backend
from assent.app.settings import Settings
from assent.storage.interface import Backend, StorageError
from assent.storage.tables import SIGNING_KEYS

_TEMPLATE: Final = """\
# Assent's configuration. Every setting, its meaning and its default: docs/reference/settings.md.
# `assent check` names every mistake in this file; a change holds from the next start on.
# Any text may come from the environment: url = {{ env = "ASSENT_DATABASE_URL" }}

[server]
# What the world calls this server: the issuer. https, but for loopback.
public_url = {public_url}
# The organization's name, as the pages show it.
# organization = "St. Elsewhere Health"
# Loopback unless told otherwise. Behind a proxy, name the proxy: trusted_proxies = ["10.0.0.5"]
host = "127.0.0.1"
port = {port}
# To serve https without a proxy:
# tls_certificate = "certificate.pem"
# tls_key = "certificate.key"
# EHRs that may show the pages in a frame:
# frame_ancestors = ["https://ehr.example"]

[database]
# sqlite:///file, relative to this folder, or postgresql://user@host/database
url = {database}

[secrets]
# Encrypts the private keys in the database. Keep a copy apart from the database's backups.
master_key_file = "master.key"

[fhir]
# The FHIR server that is protected: apps reach it at the public URL with /fhir.
{upstream}
# How to sign in there: "bearer" (ASSENT_FHIR_TOKEN), "basic" (ASSENT_FHIR_USERNAME, ASSENT_FHIR_PASSWORD)
# or "header" (ASSENT_FHIR_HEADER, as Name: value), from the environment.
# auth = "bearer"
"""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `init_installation` found and did. `kids` are the signing keys that are there now."""

    configuration: Path
    made: tuple[str, ...]
    kept: tuple[str, ...]
    migrations: tuple[str, ...]
    kids: tuple[str, ...]


def new_configuration(public_url: str, fhir: str | None, database: str) -> str:
    """The text of a new `assent.toml`. Raises `ConfigurationError` when a value may not be."""
    port = urlsplit(public_url).port if public_url.startswith("http:") else None
    text = _TEMPLATE.format(
        public_url=json.dumps(public_url),
        port=port or 9200,
        database=json.dumps(database),
        upstream=f"upstream = {json.dumps(fhir)}" if fhir else '# upstream = "https://hapi.example/fhir"',
    )
    read_settings_text(text, os.environ)
    return text


async def init_installation(
    configuration: Path, *, public_url: str, fhir: str | None, database: str
) -> Initialised:
    """Makes what is missing of the installation whose configuration file this is.

    Raises `ConfigurationError`, `InstallationError`, `StorageError`.
    """
    folder = configuration.parent
    made: list[str] = []
    kept: list[str] = []
    is_new = _write_configuration(configuration, public_url, fhir, database)
    (made if is_new else kept).append(str(configuration))
    settings = quiet(read_settings(configuration))
    backend = open_backend(settings.database.url, folder, settings.database.connections)
    try:
        migrations = await backend.migrate()
    except StorageError as error:
        if is_new:
            _take_back(configuration)
        raise StorageError(f"database.url: {error}") from error
    master_key = folder / settings.secrets.master_key_file
    if master_key.exists():
        kept.append(str(master_key))
    else:
        await _check_nothing_sealed(backend, settings, master_key)
        write_master_key(master_key)
        made.append(str(master_key))
    async with open_installation(settings, folder) as installation:
        kids = [
            listed.key.kid for server in installation.servers.values() for listed in await list_keys(server)
        ]
    return Initialised(configuration, tuple(made), tuple(kept), tuple(migrations), tuple(kids))


async def _check_nothing_sealed(backend: Backend, settings: Settings, master_key: Path) -> None:
    """A database with keys needs the master key that sealed them: a new one would open nothing."""
    await backend.open()
    try:
        for issuer_id in settings.all_issuers():
            if await backend.scoped(issuer_id).find(SIGNING_KEYS, limit=1):
                raise InstallationError(
                    f"{master_key} is missing, and the database holds keys that it encrypts: bring it back"
                    " from its backup (with another one, none of them could be opened)"
                )
    finally:
        await backend.close()


def _take_back(file: Path) -> None:
    """Nothing hangs on the configuration yet, and another try may name another database."""
    file.unlink()


def _write_configuration(file: Path, public_url: str, fhir: str | None, database: str) -> bool:
    """Whether it had to be written. Readable by its owner alone: a database URL may hold a password."""
    if file.exists():
        return False
    text = new_configuration(public_url, fhir, database)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    return True
