"""Assent itself, as an operator runs it: `assent serve` with a configuration file, logs in a file, one process."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assent.app.configuration import read_settings
from assent.app.installation import Installation, open_installation, write_master_key
from assent.app.registry import open_backend
from assent.app.settings import Settings
from assent.engine.client_auth.secrets import hash_secret
from assent.engine.handles import new_id
from assent.engine.server import Caller
from assent.engine.sessions import begin_session
from assent.records.clients import Client, ClientSecret
from assent.records.people import Person, PersonName
from assent.spec.jose import public_part
from assent.storage.interface import Act, Add
from assent.storage.tables import CLIENTS, NAMES, PEOPLE
from assent.web.cookies import cookie_of, new_value
from benchmarks.cast import (
    KEYED,
    PERSON_SCOPE,
    REDIRECT_URI,
    RESOURCE_SERVER,
    SERVICE,
    SERVICE_SCOPE,
    WEB,
    Cast,
)
from benchmarks.peers import Prepared

_CONFIGURATION = """\
[server]
public_url = "http://127.0.0.1:{port}"
port = {port}
log_level = "{log_level}"

[database]
url = "{database}"
"""


@dataclass(frozen=True, slots=True)
class Assent:
    """Assent on one of its databases. `name` as in the report."""

    name: str
    storage: Literal["postgresql", "sqlite"]
    log_level: str = "info"

    async def prepare(self, folder: Path, port: int, database: str, cast: Cast) -> Prepared:
        """An installation with the clients and a person who is signed in."""
        file = folder / "assent.toml"
        url = database if self.storage == "postgresql" else "sqlite:///assent.db"
        file.write_text(_CONFIGURATION.format(port=port, database=url, log_level=self.log_level))
        settings = read_settings(file)
        write_master_key(folder / settings.secrets.master_key_file)
        await _migrate(settings, folder)
        quiet = replace(settings, server=replace(settings.server, log_level="error"))
        async with open_installation(quiet, folder) as installation:
            await _add_clients(installation, cast)
            cookie = await _sign_in(installation)
        command = (str(Path(sys.executable).with_name("assent")), "--config", str(file), "serve")
        return Prepared(self.name, port, command, cookie, "access_token")


async def _migrate(settings: Settings, folder: Path) -> None:
    backend = open_backend(settings.database.url, folder, settings.database.connections)
    await backend.migrate()
    await backend.close()


async def _add_clients(installation: Installation, cast: Cast) -> None:
    secret = (ClientSecret("one", "", hash_secret(cast.secret)),)
    person_scope, service_scope = tuple(PERSON_SCOPE.split()), tuple(SERVICE_SCOPE.split())
    web = Client(
        client_id=WEB,
        client_name="A web app",
        redirect_uris=(REDIRECT_URI,),
        grant_types=("authorization_code", "refresh_token"),
        secrets=secret,
        scope=person_scope,
        auto_approve_scope=person_scope,
    )
    service = Client(
        client_id=SERVICE,
        client_name="A service",
        grant_types=("client_credentials",),
        secrets=secret,
        scope=service_scope,
    )
    resource_server = Client(
        client_id=RESOURCE_SERVER,
        client_name="A FHIR server",
        grant_types=(),
        secrets=secret,
        can_introspect="any",
    )
    keyed = [
        Client(
            client_id=client_id,
            client_name=f"A service with an {alg} key",
            grant_types=("client_credentials",),
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [public_part(cast.keys[alg])]},
            scope=service_scope,
        )
        for alg, client_id in KEYED.items()
    ]
    adding = [Add(CLIENTS, client) for client in (web, service, resource_server, *keyed)]
    await installation.server.storage.commit(Act(tuple(adding)))


async def _sign_in(installation: Installation) -> str:
    """Adds a person and a browser in which she is signed in; gives its Cookie header."""
    server = installation.server
    person = Person(
        new_id(server, "u"), "lee", "lee", given_name="Lee", family_name="Ray", fhir_user="Practitioner/lee"
    )
    await server.storage.commit(Act((Add(NAMES, PersonName("lee", person.person_id)), Add(PEOPLE, person))))
    session, _ = await begin_session(server, person, ("pwd",), Caller(), replaces=None)
    names = [cookie_of(purpose, server.issuer.id, https=False).name for purpose in ("session", "browser")]
    return f"{names[0]}={session}; {names[1]}={new_value(os.urandom)}"
