"""The settings of signing in and signing up: `[sign_in]` with its modules, and `[sign_up]`."""

from dataclasses import dataclass, field
from typing import Literal

from assent.identity.ldap.settings import LdapSettings
from assent.identity.saml.settings import SamlSettings


@dataclass(frozen=True, slots=True)
class TrustedHeaderSettings:
    """`[sign_in.header]`: for the module `header`, signing in by headers of a proxy in front."""

    proxies: tuple[str, ...]
    """Addresses or networks of the proxies; on other connections the headers mean nothing."""

    username: str = "X-Remote-User"
    """The header with the user name. The proxy must remove it from what it is sent."""

    subject: str | None = None
    """The header with what identifies the person for ever, where the user name may change; then nobody comes in without
    it."""

    given_name: str | None = None
    """The header with the given name."""

    family_name: str | None = None
    """The header with the family name."""

    email: str | None = None
    """The header with the mail address."""

    fhir_user: str | None = None
    """The header with the person's own FHIR resource, as `Practitioner/123`."""

    groups: str | None = None
    """The header with the person's groups, separated by commas."""

    permissions: tuple[str, ...] = ()
    """What groups may do, each as `group => PERMISSION` or `group => PERMISSION:argument`; `*` is everybody."""

    provider: str = "proxy"
    """The name under which these identities are kept; another name makes other people of them."""


@dataclass(frozen=True, slots=True)
class CertificateSettings:
    """`[sign_in.certificate]`: for the module `certificate`, signing in by a client certificate behind a proxy."""

    proxies: tuple[str, ...]
    """Addresses or networks of the proxies that end TLS; on other connections the header means nothing."""

    authorities: str
    """A PEM file with the certificates of the authorities that may have issued a client certificate."""

    header: str = "Client-Cert"
    """The header with the certificate. The proxy must remove it from what it is sent."""

    format: Literal["rfc9440", "pem"] = "rfc9440"
    """How the header is written: as RFC 9440 says, or as percent-encoded PEM (nginx)."""

    username: Literal["common_name", "email", "upn", "subject"] = "common_name"
    """What of the certificate is the user name; `email` and `upn` are of its subject alternative name."""

    subject: Literal["subject", "serial_number", "email", "upn", "uri"] = "subject"
    """What of the certificate identifies the person for ever, with its issuer: its whole subject, the certificate's own
    serial number (another certificate is another person), or the one name of this kind in its subject alternative name.
    Another choice makes other people of them."""

    permissions: tuple[str, ...] = ()
    """What organizational units may do, as in `sign_in.header.permissions`."""


@dataclass(frozen=True, slots=True)
class MockSettings:
    """`[sign_in.mock]`: for the module `mock`, which lets anybody in. On loopback only."""

    fhir_user_type: Literal["", "Patient", "Practitioner", "RelatedPerson", "Person"] = ""
    """The type of FHIR resource that everybody is, with the user name as its id; none by default."""

    permissions: tuple[str, ...] = ()
    """What everybody may do, as in `sign_in.header.permissions` (the group is `*`)."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """`[sign_in.local]`: for the module `local`, accounts of this installation's own."""

    password_length: int = 10
    """The least characters of a password that somebody chooses; imported ones are taken as they are."""

    password_strength: int = 3
    """The least strength of such a password by zxcvbn: 0 (none is asked) to 4 (very hard to guess)."""

    breached_passwords: str | None = None
    """A file (relative to this one) of stolen passwords that nobody may choose: SHA-1 hashes in order, a line each, as
    Have I Been Pwned offers them. It is looked up in place and asks nobody."""

    forgot_password: bool = True
    """Whether people may have a code mailed to choose a new password. It needs `[mail]`."""

    code_seconds: int = 900
    """How long such a code is good."""

    argon2_memory_kib: int = 19456
    """Memory for the hash of one password (argon2id). Hashes made otherwise are made anew at the next sign-in."""

    argon2_passes: int = 2
    """Passes over that memory."""

    argon2_lanes: int = 1
    """Lanes of the hash (argon2's parallelism)."""

    hash_threads: int = 2
    """Passwords that are hashed at the same time, in each process; others wait."""


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """`[sign_in]`: who says who a person is."""

    modules: tuple[str, ...] = ("local",)
    """The inbound modules that may sign people in, in the order in which they are offered."""

    local_title: str = ""
    """What the local accounts are called where there is a choice of modules; in the page's language when not said."""

    local: LocalSettings = field(default_factory=LocalSettings)
    """The module `local`."""

    header: TrustedHeaderSettings | None = None
    """The module `header`."""

    certificate: CertificateSettings | None = None
    """The module `certificate`."""

    ldap: LdapSettings | None = None
    """The module `ldap`."""

    saml: dict[str, SamlSettings] = field(default_factory=dict)
    """The module `saml`: its providers by name."""

    mock: MockSettings = field(default_factory=MockSettings)
    """The module `mock`."""


@dataclass(frozen=True, slots=True)
class SignUpSettings:
    """`[sign_up]`: whether people may make accounts for themselves. It needs `[mail]`."""

    enabled: bool = False
    """Whether there is a page `/signup`, and a link to it where people sign in."""

    registration_module: Literal["local"] = "local"
    """The inbound module that makes the accounts; it has to be one of `sign_in.modules`."""

    permissions: tuple[str, ...] = ()
    """What everybody may do who signs up, each as `* => PERMISSION` or `* => PERMISSION:argument`. Nothing by default:
    then somebody says afterwards whose record it is, or a hook does."""

    referrers: tuple[str, ...] = ()
    """Origins (`https://www.example.org`) of the pages from which a sign-up may be begun; any when none is named. The
    link where people sign in is shown when the public URL's own origin is named too."""

    code_seconds: int = 900
    """How long the code that is mailed is good."""

    from_address_per_hour: int = 20
    """Sign-ups that are begun from one address; 0 sets no limit."""

    to_address_per_hour: int = 4
    """Mails that one mail address gets for sign-ups; 0 sets no limit. Whoever asks is not told when it is reached."""
