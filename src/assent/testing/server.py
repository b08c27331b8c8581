"""An authorization server to test against: real parts on memory storage, and a clock that stands until it is moved.

A test states only what differs: `await a_server(settings=…)`, `await server.add_client(redirect_uris=…)`. What lies
outside the process (the FHIR server, other hosts) is stood in for; nothing of our own is.
"""

import os
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from assent.engine.client_auth import Presented
from assent.engine.client_auth.client_secret_basic import ClientSecretBasic
from assent.engine.client_auth.client_secret_post import ClientSecretPost
from assent.engine.client_auth.private_key_jwt import PrivateKeyJwt
from assent.engine.client_auth.public import Public
from assent.engine.client_auth.secrets import ClientSecrets, hash_secret
from assent.engine.grants.authorization_code import AuthorizationCode
from assent.engine.grants.client_credentials import ClientCredentials
from assent.engine.grants.refresh_token import Refresh
from assent.engine.handles import hash_handle, new_handle, new_id
from assent.engine.hooks import Hooks
from assent.engine.key_changes import import_jwks
from assent.engine.keys import KeyRing
from assent.engine.remote_keys import RemoteKeys
from assent.engine.sealing import MASTER_KEY_BYTES, Sealer
from assent.engine.server import AuthorizationServer, Caller, Issuer
from assent.engine.settings import EngineSettings
from assent.engine.token_endpoint import respond
from assent.identity.local.passwords import Argon2Passwords
from assent.records.audit import AuditEvent
from assent.records.clients import Client, ClientSecret
from assent.records.grants import Code, Grant
from assent.records.people import Person, PersonName
from assent.records.sessions import Session
from assent.spec import jose
from assent.spec.assertions import ASSERTION_TYPE
from assent.spec.params import Params, read_params
from assent.spec.pkce import challenge_of
from assent.storage.interface import Add, Backend, Storage, act
from assent.storage.memory import open_memory
from assent.storage.tables import CLIENTS, CODES, GRANTS, NAMES, PEOPLE, SESSIONS
from assent.testing.surroundings import Clock, FhirRecords, Web

START = 1_800_000_000
SECRET = "a-secret-of-at-least-32-characters"
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
REDIRECT_URI = "https://app.example/done"
ISSUER = Issuer("default", "https://auth.example", "https://fhir.example/r4")


@lru_cache
def private_jwk(alg: str, kid: str) -> dict[str, Any]:
    """A key pair, made once a process."""
    return jose.new_private_jwk(alg, kid)


def public_jwks(*private: dict[str, Any]) -> dict[str, Any]:
    """The key set that a client registers."""
    return {"keys": [jose.public_part(jwk) for jwk in private]}


def basic(client_id: str, secret: str = SECRET) -> str:
    """An `Authorization` header (RFC 6749 2.3.1: both parts form-encoded)."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def form(**fields: str | None) -> Params:
    """Parameters of a form; those that are None are left out."""
    return read_params((name, value) for name, value in fields.items() if value is not None)


@dataclass
class TestServer:
    """The server and what surrounds it."""

    __test__ = False

    server: AuthorizationServer
    clock: Clock
    web: Web
    records: FhirRecords
    sealer: Sealer
    backend: Backend
    events: list[AuditEvent]
    passwords: Argon2Passwords
    secrets_of_clients: Argon2Passwords

    async def close(self) -> None:
        """Ends what the server started."""
        self.passwords.close()
        self.secrets_of_clients.close()
        await self.backend.close()

    async def add_client(self, client_id: str = "app", **fields: Any) -> Client:
        """A confidential client (`client_secret_basic`, SECRET) that may use every grant type, or what `fields` say."""
        defaults: dict[str, Any] = {
            "client_name": client_id.title(),
            "redirect_uris": (REDIRECT_URI,),
            "grant_types": ("authorization_code", "refresh_token", "client_credentials"),
            "secrets": (ClientSecret("one", "", hash_secret(SECRET)),),
            "scope": (
                "openid",
                "fhirUser",
                "launch/patient",
                "offline_access",
                "online_access",
                "patient/*.rs",
            ),
        }
        client = Client(client_id=client_id, **{**defaults, **fields})
        await self.server.storage.commit(act(Add(CLIENTS, client)))
        return client

    async def add_person(self, username: str = "amy", **fields: Any) -> Person:
        """An enabled person without a password."""
        person = Person(person_id=new_id(self.server, "u"), username=username, name_key=username, **fields)
        name = PersonName(username, person.person_id)
        await self.server.storage.commit(act(Add(NAMES, name), Add(PEOPLE, person)))
        return person

    async def add_session(self, person: Person, **fields: Any) -> Session:
        """A signed-in browser."""
        now = self.server.now()
        defaults: dict[str, Any] = {
            "session_hash": self.server.random(32),
            "public_id": new_id(self.server, "s"),
            "auth_time": now,
            "amr": ("pwd",),
            "created_at": now,
            "last_seen_at": now,
            "expires_at": now + self.server.settings.session_absolute_seconds,
        }
        session = Session(person_id=person.person_id, **{**defaults, **fields})
        await self.server.storage.commit(act(Add(SESSIONS, session)))
        return session

    async def add_grant(self, client: Client, person: Person, scope: str, **fields: Any) -> Grant:
        """What a person granted, as the authorization endpoint remembers it."""
        now = self.server.now()
        can_refresh = "offline_access" in scope or "online_access" in scope
        defaults: dict[str, Any] = {
            "grant_id": new_id(self.server, "g"),
            "session_hash": None,
            "context": {"patient": "p1"} if "patient" in scope else {},
            "aud": self.server.issuer.fhir_base,
            "nonce": None,
            "auth_time": now,
            "acr": None,
            "amr": ("pwd",),
            "fhir_user": person.fhir_user,
            "online": "online_access" in scope,
            "created_at": now,
            "expires_at": now + self.server.settings.refresh_absolute_seconds if can_refresh else 0,
        }
        grant = Grant(
            client_id=client.client_id,
            person_id=person.person_id,
            scope=scope,
            **{**defaults, **fields},
        )
        await self.server.storage.commit(act(Add(GRANTS, grant)))
        return grant

    async def add_code(self, grant: Grant, **fields: Any) -> str:
        """A code for a grant, its challenge that of VERIFIER; gives its text."""
        text = new_handle(self.server)
        defaults: dict[str, Any] = {
            "redirect_uri": REDIRECT_URI,
            "code_challenge": challenge_of(VERIFIER),
            "expires_at": self.server.now() + self.server.settings.code_seconds,
        }
        code = Code(
            code_hash=hash_handle(text),
            grant_id=grant.grant_id,
            client_id=grant.client_id,
            **{**defaults, **fields},
        )
        await self.server.storage.commit(act(Add(CODES, code)))
        return text

    async def redeem(self, client: Client, grant: Grant) -> dict[str, Any]:
        """What the token endpoint answers when the client brings a code of this grant."""
        asked = self.ask(
            client,
            grant_type="authorization_code",
            code=await self.add_code(grant),
            redirect_uri=REDIRECT_URI,
            code_verifier=VERIFIER,
        )
        return await respond(self.server, asked)

    def ask(self, client: Client | str, authorization: str | None = None, **fields: str | None) -> Presented:
        """A form of this client, with the credentials that it has unless `authorization` or `fields` say others."""
        client_id = client if isinstance(client, str) else client.client_id
        method = "client_secret_basic" if isinstance(client, str) else client.token_endpoint_auth_method
        if authorization is None and "client_assertion" not in fields:
            match method:
                case "client_secret_basic":
                    authorization = basic(client_id)
                case "client_secret_post":
                    fields = {"client_id": client_id, "client_secret": SECRET, **fields}
                case "none":
                    fields = {"client_id": client_id, **fields}
        return Presented(form(**fields), authorization, Caller("192.0.2.7", "tests", "7F3K-22"))

    def assertion(
        self,
        client_id: str,
        jwk: dict[str, Any],
        *,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> dict[str, str]:
        """The two parameters of a signed assertion; a claim or header member of None is left out."""
        now = self.server.now()
        says: dict[str, Any] = {
            "iss": client_id,
            "sub": client_id,
            "aud": self.server.issuer.endpoint("/oauth/token"),
            "exp": now + 300,
            "iat": now,
            "jti": os.urandom(16).hex(),
            **claims,
        }
        head = {"alg": jwk["alg"], "typ": "JWT", "kid": jwk["kid"], **(header or {})}
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(jwk, head, says)}


def signed(jwk: dict[str, Any], header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A JWS with just this header and these claims; members of None are left out."""
    head = {name: value for name, value in header.items() if value is not None}
    says = {name: value for name, value in claims.items() if value is not None}
    return jose.sign_with_header(jose.read_private_key(jwk), head, says)


def empty_storage() -> Storage:
    """An issuer's storage in memory, with nothing in it."""
    return open_memory().scoped(ISSUER.id)


async def a_server(
    settings: EngineSettings | None = None,
    issuer: Issuer = ISSUER,
    hooks: Hooks | None = None,
    backend: Backend | None = None,
) -> TestServer:
    """A server with keys for RS256 and the access tokens' algorithm, no client and no person.

    `backend`: an open one, where several servers are to share it; memory of its own otherwise.
    """
    settings = settings or EngineSettings()
    if backend is None:
        backend = open_memory()
        await backend.open()
    clock, web, records = Clock(START), Web(), FhirRecords()
    events: list[AuditEvent] = []
    passwords = Argon2Passwords(1, time_cost=1, memory_kib=64)
    secrets_of_clients = Argon2Passwords(1, time_cost=1, memory_kib=64)
    storage = backend.scoped(issuer.id)
    sealer = Sealer(bytes(MASTER_KEY_BYTES), os.urandom)
    secrets = ClientSecrets(os.urandom(32), secrets_of_clients)
    server = AuthorizationServer(
        issuer=issuer,
        settings=settings,
        storage=storage,
        moment=clock,
        random=os.urandom,
        keys=KeyRing(storage, sealer, clock),
        passwords=passwords,
        fetch=web,
        records=records,
        hooks=hooks or Hooks(),
        observe=lambda event: events.append(event),
        cookie_key=bytes(32),
        subject_key=bytes([1]) * 32,
        grants=(AuthorizationCode(), Refresh(), ClientCredentials()),
        client_auth=(
            Public(),
            ClientSecretBasic(secrets),
            ClientSecretPost(secrets),
            PrivateKeyJwt(RemoteKeys()),
        ),
    )
    algs = dict.fromkeys(("RS256", settings.access_token_alg))
    await import_jwks(
        server, sealer, {"keys": [private_jwk(alg, f"server-{alg}") for alg in algs]}, actor=None
    )
    events.clear()
    return TestServer(server, clock, web, records, sealer, backend, events, passwords, secrets_of_clients)
