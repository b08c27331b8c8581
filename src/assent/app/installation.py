"""An installation, opened: its database, its keys, and one authorization server per issuer.

What commands and servers both work on. Nothing here listens.
"""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from assent.actions.providers.desk import configured_providers
from assent.app.clock import DatabaseClock
from assent.app.inbound import BadModule, open_inbound
from assent.app.local_accounts import open_passwords, open_policy
from assent.app.logos import LogoFetcher
from assent.app.observation import Metrics, Observation, configure_logs
from assent.app.outbound.fetch import OutboundFetch
from assent.app.outbound.mail import SmtpPost
from assent.app.pictures import PictureMaker
from assent.app.registry import client_auth_methods, grant_types, open_backend
from assent.app.settings import FhirSettings, IssuerSettings, Settings
from assent.engine.client_auth.secrets import ClientSecrets
from assent.engine.hooks import Hooks
from assent.engine.key_changes import ensure_keys
from assent.engine.keys import KeyRing, Run, in_place
from assent.engine.remote_keys import RemoteKeys
from assent.engine.sealing import MASTER_KEY_BYTES, Sealer
from assent.engine.server import AuthorizationServer, Issuer
from assent.fhir.http import HttpUpstream, UpstreamSettings
from assent.fhir.partitions import InPartition
from assent.fhir.people import FhirRecords
from assent.fhir.upstream import (
    Upstream,
    UpstreamDown,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamStream,
)
from assent.identity import Inbound
from assent.identity.local.breached import BadList
from assent.identity.local.passwords import Argon2Passwords
from assent.identity.local.policy import PasswordPolicy
from assent.identity.oidc.directory import Providers
from assent.identity.oidc.tokens import ForeignTokens
from assent.records.keys import SealedSecret
from assent.spec.fhir.partitions import Partitions
from assent.spec.networks import is_loopback_url
from assent.storage.interface import Add, Backend, Storage, act
from assent.storage.tables import SECRETS
from assent.web.log import Log

COOKIE_KEY = "cookie key"
SUBJECT_KEY = "pairwise subject key"
_T = TypeVar("_T")


class InstallationError(Exception):
    """The installation cannot be opened; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """`servers`, `records`, `upstreams`, `inbound` and `foreign` are by issuer id."""

    settings: Settings
    folder: Path
    backend: Backend
    sealer: Sealer
    clock: DatabaseClock
    metrics: Metrics
    servers: Mapping[str, AuthorizationServer]
    records: Mapping[str, FhirRecords]
    upstreams: Mapping[str, Upstream]
    inbound: Mapping[str, Inbound]
    foreign: Mapping[str, ForeignTokens]
    logos: LogoFetcher
    policies: Mapping[str, PasswordPolicy]
    post: SmtpPost | None = None
    is_loopback: bool = field(default=True)

    @property
    def server(self) -> AuthorizationServer:
        """The default issuer's authorization server."""
        return next(iter(self.servers.values()))


def read_master_key(file: Path) -> bytes:
    """The 32 bytes of the master key file. Raises `InstallationError`."""
    try:
        key = base64.b64decode(file.read_text().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise InstallationError(f"secrets.master_key_file: {file} cannot be read: run assent init") from error
    if len(key) != MASTER_KEY_BYTES:
        raise InstallationError(f"secrets.master_key_file: {file} does not hold 32 bytes in base64")
    if file.stat().st_mode & 0o077:
        raise InstallationError(f"secrets.master_key_file: others may read {file}: run chmod 600 on it")
    return key


def write_master_key(file: Path) -> None:
    """Makes a master key that only its owner may read. Raises FileExistsError rather than replace one."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(base64.b64encode(os.urandom(MASTER_KEY_BYTES)).decode() + "\n")


@asynccontextmanager
async def open_installation(
    settings: Settings,
    folder: Path,
    *,
    upstream: Upstream | None = None,
    clock: DatabaseClock | None = None,
    hooks: Hooks | None = None,
) -> AsyncIterator[Installation]:
    """The installation of these settings; `folder` is where its configuration lies.

    `upstream` replaces the FHIR server of the settings (the demo brings its own), `clock` the database's (tests move
    theirs), `hooks` those that do nothing. Raises `InstallationError` and `StorageError`.
    """
    sealer = Sealer(read_master_key(folder / settings.secrets.master_key_file), os.urandom)
    try:
        backend = open_backend(settings.database.url, folder, settings.database.connections)
    except ValueError as error:
        raise InstallationError(str(error)) from error
    async with AsyncExitStack() as stack:
        await backend.open()
        stack.push_async_callback(backend.close)
        clock = clock or DatabaseClock()
        await clock.synchronise(backend)
        secrets_of_clients = Argon2Passwords(
            1
        )  # a pool of its own: whatever clients send, people can sign in
        stack.callback(secrets_of_clients.close)
        log = configure_logs(settings.server.log_format, settings.server.log_level)
        post = _open_post(settings, folder, log, stack)
        policies: dict[str, PasswordPolicy] = {}
        metrics = Metrics()
        run = _signing_run(settings, stack)
        servers: dict[str, AuthorizationServer] = {}
        records: dict[str, FhirRecords] = {}
        upstreams: dict[str, Upstream] = {}
        inbound: dict[str, Inbound] = {}
        foreign: dict[str, ForeignTokens] = {}
        for issuer_id, issuer_settings in settings.all_issuers().items():
            url = issuer_settings.public_url.rstrip("/")
            fetch = OutboundFetch(settings.outbound, is_loopback=is_loopback_url(url))
            stack.push_async_callback(fetch.close)
            upstreams[issuer_id] = _at_home(
                upstream or await _open_upstream(issuer_settings.fhir, stack), issuer_settings.fhir
            )
            storage = backend.scoped(issuer_id)
            try:
                policies[issuer_id] = open_policy(issuer_settings.sign_in.local, folder)
            except BadList as error:
                raise InstallationError(f"sign_in.local.breached_passwords: {error}") from error
            records[issuer_id] = FhirRecords(
                upstreams[issuer_id], storage, clock, issuer_settings.representation
            )
            keys = KeyRing(storage, sealer, clock, run)
            servers[issuer_id] = AuthorizationServer(
                issuer=Issuer(issuer_id, url, fhir_base(issuer_settings), _partitions(issuer_settings.fhir)),
                settings=issuer_settings.engine,
                storage=storage,
                moment=clock,
                random=os.urandom,
                keys=keys,
                passwords=open_passwords(issuer_settings.sign_in.local, stack),
                fetch=fetch,
                records=records[issuer_id],
                hooks=hooks or Hooks(),
                observe=Observation(log, metrics, issuer_id),
                cookie_key=await _own_key(COOKIE_KEY, storage, sealer, clock),
                subject_key=await _own_key(SUBJECT_KEY, storage, sealer, clock),
                grants=grant_types(),
                client_auth=client_auth_methods(
                    ClientSecrets(os.urandom(32), secrets_of_clients), RemoteKeys()
                ),
            )
            await ensure_keys(servers[issuer_id], sealer)
            providers = Providers(sealer, configured_providers(issuer_settings.providers))
            foreign[issuer_id] = ForeignTokens(providers)
            try:
                inbound[issuer_id] = open_inbound(issuer_settings, folder, sealer, stack)
            except BadModule as error:
                raise InstallationError(str(error)) from error
        is_loopback = all(is_loopback_url(one.public_url) for one in settings.all_issuers().values())
        yield Installation(
            settings=settings,
            folder=folder,
            backend=backend,
            sealer=sealer,
            clock=clock,
            metrics=metrics,
            servers=servers,
            records=records,
            upstreams=upstreams,
            inbound=inbound,
            foreign=foreign,
            logos=LogoFetcher(servers, PictureMaker()),
            policies=policies,
            post=post,
            is_loopback=is_loopback,
        )


def fhir_base(settings: IssuerSettings) -> str:
    """The FHIR base URL that apps use, without a slash at its end."""
    return (settings.fhir.base or f"{settings.public_url.rstrip('/')}/fhir").rstrip("/")


def _open_post(settings: Settings, folder: Path, log: Log, stack: AsyncExitStack) -> SmtpPost | None:
    """What sends mail, where there is a mail server. Raises `InstallationError`."""
    if settings.mail.host is None:
        return None
    try:
        post = SmtpPost(settings.mail, folder, os.environ, log)
    except OSError as error:
        raise InstallationError(f"mail.authorities: cannot be read: {error}") from error
    stack.push_async_callback(post.close)
    return post


def _signing_run(settings: Settings, stack: AsyncExitStack) -> Run:
    if settings.server.signing_threads == 0:
        return in_place
    pool = ThreadPoolExecutor(settings.server.signing_threads, thread_name_prefix="signing")
    stack.callback(pool.shutdown, wait=False, cancel_futures=True)

    def run(work: Callable[[], _T]) -> Awaitable[_T]:
        return asyncio.get_running_loop().run_in_executor(pool, work)

    return run


def _partitions(settings: FhirSettings) -> Partitions | None:
    return Partitions(settings.partition_header, settings.partition) if settings.partition_header else None


def _at_home(upstream: Upstream, settings: FhirSettings) -> Upstream:
    """The FHIR server, asked in the home partition by whoever names no other."""
    partitions = _partitions(settings)
    return upstream if partitions is None else InPartition(upstream, partitions.header, partitions.home)


async def _open_upstream(settings: FhirSettings, stack: AsyncExitStack) -> Upstream:
    if settings.upstream is None:
        return NoUpstream()
    headers = upstream_headers(settings, os.environ)
    upstream = HttpUpstream(
        UpstreamSettings(settings.upstream.rstrip("/"), headers, float(settings.timeout_seconds))
    )
    stack.push_async_callback(upstream.close)
    return upstream


class NoUpstream:
    """Stands where no FHIR server is configured: every question says so."""

    base = ""

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """Raises `UpstreamDown`."""
        raise UpstreamDown("no FHIR server is configured: set fhir.upstream")

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """Raises `UpstreamDown`."""
        raise UpstreamDown("no FHIR server is configured: set fhir.upstream")


def upstream_headers(settings: FhirSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """The installation's credentials at the FHIR server, from the environment. Raises `InstallationError`."""
    match settings.auth:
        case "bearer":
            return {"Authorization": f"Bearer {_needed(environment, 'ASSENT_FHIR_TOKEN')}"}
        case "basic":
            name = _needed(environment, "ASSENT_FHIR_USERNAME")
            password = _needed(environment, "ASSENT_FHIR_PASSWORD")
            credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
            return {"Authorization": f"Basic {credentials}"}
        case "header":
            name, colon, value = _needed(environment, "ASSENT_FHIR_HEADER").partition(":")
            if not colon or not name.strip():
                raise InstallationError("fhir.auth: ASSENT_FHIR_HEADER must be written as Name: value")
            return {name.strip(): value.strip()}
        case _:
            return {}


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise InstallationError(f"fhir.auth: needs the environment variable {name}")
    return value


async def _own_key(name: str, storage: Storage, sealer: Sealer, clock: DatabaseClock) -> bytes:
    """A key of the installation's own: made once, by whichever process comes first."""
    purpose = f"{name} of issuer {storage.issuer}"
    stored = await storage.get(SECRETS, name)
    if stored is None:
        made = SealedSecret(name, sealer.seal(os.urandom(32), purpose), int(clock()))
        await storage.commit(act(Add(SECRETS, made)))
        stored = await storage.get(SECRETS, name)
    if stored is None:
        raise InstallationError("the database does not keep what is written to it")
    return sealer.open(stored.sealed, purpose)
