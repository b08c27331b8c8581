"""Every setting of an installation, as values: what `assent.toml` may say, with its meaning and its default.

A setting lives with the part that obeys it where that part has settings of its own (`engine.settings`); those of
signing in and up are in `app.sign_in_settings`. Reading a file, and naming every mistake in it at once, is
`app.configuration`'s business.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assent.app.sign_in_settings import SignInSettings, SignUpSettings
from assent.engine.settings import EngineSettings
from assent.fhir.representation import RepresentationSettings

DEFAULT_ISSUER = "default"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`[server]`: where it listens, and what the world calls it."""

    public_url: str = "http://localhost:9200"
    """The URL that the world uses; the issuer. URLs are made from it, never from a request's Host."""

    host: str = "127.0.0.1"
    """The address to listen on. Loopback unless told otherwise."""

    port: int = 9200
    """The port to listen on."""

    workers: int = 1
    """How many processes serve, each with a socket of its own on the same port."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks (`10.0.0.0/8`) whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    tls_certificate: str | None = None
    """A PEM file with the certificate chain, to serve https without a proxy."""

    tls_key: str | None = None
    """A PEM file with the certificate's private key."""

    frame_ancestors: tuple[str, ...] = ()
    """Origins of EHRs (`https://ehr.example`) that may show the pages in a frame. None by default."""

    organization: str = "Health records"
    """The organization's name, as the pages show it."""

    messages: str | None = None
    """A folder of `.properties` files (relative to this file) whose texts stand over ours, one file a language."""

    terms: str | None = None
    """A folder (relative to this file) with the terms of service: a folder a version, in it a text a language."""

    attestation: str | None = None
    """A folder (relative to this file) with what makers of apps are asked to promise, a text a language: `en.md`."""

    metrics_from: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that may read `/metrics`."""

    log_format: Literal["auto", "json", "text"] = "auto"
    """JSON lines, or text for people; `auto` is text on a terminal and JSON elsewhere."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""

    signing_threads: int = 0
    """Threads that sign tokens beside the event loop; 0 signs in the loop, which is quickest on one core."""

    @property
    def messages_folder(self) -> Path | None:
        """The folder of `messages`, where there is one."""
        return Path(self.messages) if self.messages is not None else None

    @property
    def attestation_folder(self) -> Path | None:
        """The folder of `attestation`, where there is one."""
        return Path(self.attestation) if self.attestation is not None else None

    @property
    def terms_folder(self) -> Path | None:
        """The folder of `terms`, where there is one."""
        return Path(self.terms) if self.terms is not None else None


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`[database]`: where everything is remembered."""

    url: str = "sqlite:///assent.db"
    """`sqlite:///file` (relative to this file; four slashes for an absolute path), or `postgresql://…`."""

    connections: int = 8
    """PostgreSQL connections of each process at most, beside one that hears of changes."""


@dataclass(frozen=True, slots=True)
class SecretsSettings:
    """`[secrets]`: what encrypts the private keys."""

    master_key_file: str = "master.key"
    """A file that only its owner may read, with 32 random bytes in base64. Made by `assent init`."""


@dataclass(frozen=True, slots=True)
class FhirSettings:
    """`[fhir]`: the FHIR server that is protected."""

    upstream: str | None = None
    """The base URL of the FHIR server behind the gateway."""

    base: str | None = None
    """The FHIR base URL that apps use; the public URL with `/fhir` when not said."""

    auth: Literal["none", "bearer", "basic", "header"] = "none"
    """How the gateway signs in at the FHIR server; the secrets come from the environment: ASSENT_FHIR_TOKEN,
    ASSENT_FHIR_USERNAME and ASSENT_FHIR_PASSWORD, or ASSENT_FHIR_HEADER (`Name: value`)."""

    timeout_seconds: int = 30
    """How long the FHIR server may take to answer."""

    partition_header: str | None = None
    """The header by which the FHIR server is told which of its partitions is meant, as X-Request-Partition-IDs;
    without it the server has none, and FHIR_ACCESS_PARTITION_... is of no account."""

    partition: str = "DEFAULT"
    """The partition in which the people are whose records are known here, where the server has partitions."""

    count_milliseconds: int = 300
    """How long the approval page waits for the numbers of records, for all of them together; 0 counts nothing."""

    gateway: bool = True
    """Whether `assent serve` serves the gateway too."""


@dataclass(frozen=True, slots=True)
class OutboundSettings:
    """`[outbound]`: fetching what clients point to, such as their JWKS."""

    allow_private: bool = False
    """Whether private, loopback and link-local addresses may be fetched from, whoever's. Leave it off in production:
    `private_hosts` opens single hosts."""

    private_hosts: tuple[str, ...] = ()
    """Hosts of your own network that may be fetched from although their addresses are private, such as an identity
    provider: exact names or addresses, `id.hospital.example` (any port) or `id.hospital.example:8443`. Addresses of
    this machine, of its link and of a cloud's metadata stay closed."""

    allow_http: bool = False
    """Whether plain http may be fetched from; always so while the public URL is on loopback."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`[mail]`: the mail server that takes what is mailed to people. User name and password come from the environment:
    ASSENT_MAIL_USERNAME and ASSENT_MAIL_PASSWORD."""

    host: str | None = None
    """The server's name. Without it nothing is mailed, and what needs mail is not offered."""

    port: int = 587
    """Its port."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected: STARTTLS, TLS from the beginning (port 465), or not (this machine only)."""

    authorities: str | None = None
    """A PEM file (relative to this one) of the authorities that certify the server, where the system knows none."""

    sender: str = ""
    """The address that mail comes from."""

    timeout_seconds: int = 20
    """How long one attempt to send may take. Nobody waits for it: mail is sent beside the pages."""


@dataclass(frozen=True, slots=True)
class SkinSettings:
    """`[skin]`: how the pages look and speak."""

    folder: str | None = None
    """The folder of the issuer's skin, relative to this file. See `assent skin new`."""

    clients: dict[str, str] = field(default_factory=dict)
    """Skins of single apps, `client_id = "folder"`: they stand over the issuer's on the way to that app."""


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """`[issuers.<id>]`: one more issuer in the same process and database, at a path or host of its own."""

    public_url: str
    """The issuer's URL."""

    fhir: FhirSettings = field(default_factory=FhirSettings)
    """Its FHIR server, as `[fhir]`."""

    engine: EngineSettings = field(default_factory=EngineSettings)
    """Its authorization server, as `[engine]`."""

    sign_in: SignInSettings = field(default_factory=SignInSettings)
    """Who signs people in, as `[sign_in]`."""

    skin: SkinSettings = field(default_factory=SkinSettings)
    """Its looks, as `[skin]`."""

    providers: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """Its OpenID providers by name, as `[providers.<name>]`, with the fields of `assent provider show`."""

    representation: RepresentationSettings = field(default_factory=RepresentationSettings)
    """How long parents and guardians act for a child, as `[representation]`."""

    sign_up: SignUpSettings = field(default_factory=SignUpSettings)
    """Whether people make accounts for themselves, as `[sign_up]`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. `demo` is set by `assent demo` alone."""

    server: ServerSettings = field(default_factory=ServerSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    secrets: SecretsSettings = field(default_factory=SecretsSettings)
    fhir: FhirSettings = field(default_factory=FhirSettings)
    outbound: OutboundSettings = field(default_factory=OutboundSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    sign_up: SignUpSettings = field(default_factory=SignUpSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    skin: SkinSettings = field(default_factory=SkinSettings)
    representation: RepresentationSettings = field(default_factory=RepresentationSettings)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """`[providers.<name>]`: OpenID providers where people sign in, with the fields of `assent provider show`."""

    issuers: dict[str, IssuerSettings] = field(default_factory=dict)
    demo: bool = False
    """A demo: sample people and clients, a sample FHIR server, pages that say so. Never for real records."""

    def all_issuers(self) -> dict[str, IssuerSettings]:
        """Every issuer by id, the default one first."""
        first = IssuerSettings(
            self.server.public_url,
            self.fhir,
            self.engine,
            self.sign_in,
            self.skin,
            self.providers,
            self.representation,
            self.sign_up,
        )
        return {DEFAULT_ISSUER: first, **self.issuers}
