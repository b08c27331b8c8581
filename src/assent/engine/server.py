"""`AuthorizationServer`: all that the engine works with, as one frozen value handed to every function.

Built once per issuer by the composition root. Time, randomness, keys, passwords and outbound HTTP are reached
through it and from nowhere else, which is what lets a test set the clock and a node rotate its keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from assent.engine.recent_counts import RecentCounts
from assent.engine.settings import EngineSettings
from assent.records.audit import AuditEvent
from assent.records.people import Person
from assent.spec.fhir.partitions import Partitions
from assent.spec.permissions import Power
from assent.storage.interface import Storage

if TYPE_CHECKING:
    from assent.engine.client_auth import ClientAuthMethod
    from assent.engine.grants import GrantType
    from assent.engine.hooks import Hooks


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: `url` is `iss` and has no slash at its end; `fhir_base` is the one FHIR server it protects.

    `partitions`: how that server is told which of its partitions is meant; None: it has none.
    """

    id: str
    url: str
    fhir_base: str
    partitions: Partitions | None = None

    def endpoint(self, path: str) -> str:
        """The absolute URL of a path of this issuer, as `/oauth/token`."""
        return self.url + path


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request came from, as the audit log keeps it; `reference` is the request's id, as errors carry it.

    `device`: the mark of a browser in which somebody has signed in before (`identity.devices`), where it brings one;
    `proven`: that of one in which she showed a second factor.
    """

    address: str | None = None
    user_agent: str | None = None
    reference: str | None = None
    device: str | None = field(default=None, repr=False)
    proven: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched document: its bytes and how long it may be kept (seconds; 0 = not at all)."""

    body: bytes
    max_age_seconds: int


class FetchFailed(Exception):
    """An outbound fetch was refused or failed; the text says why, for the log and the app's own developer."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is asked of a party elsewhere: with a `form` it is POSTed. Credentials in it never show in its repr."""

    url: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    authorization: str | None = field(default=None, repr=False)
    accept: str = "application/json"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, whatever its status. `media_type` is in lower case and without parameters."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Fetch(Protocol):
    """Outbound HTTP, bounded: https, no redirects, 64 kB, 5 s, no private addresses (settings may allow)."""

    async def send(self, request: Outgoing) -> Answered:
        """Asks for what the request accepts. Raises `FetchFailed` when no whole answer comes."""
        ...

    async def __call__(self, url: str, accept: str, most_bytes: int = 64 * 1024) -> Fetched:
        """GETs a document of `most_bytes` at most. Raises `FetchFailed`."""
        ...


class Keys(Protocol):
    """The issuer's signing keys. They rotate, also by another process: every call sees keys a second old at most."""

    async def sign(self, alg: str, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS of the claims by the newest active key of `alg`, with `kid` and `typ` in its header."""
        ...

    async def verify(self, token: str, typ: str) -> dict[str, Any]:
        """The claims of a JWS that one of the issuer's published keys signed. Raises `spec.jose.BadToken`."""
        ...

    async def published(self) -> dict[str, Any]:
        """The JWKS (public keys only)."""
        ...


class Passwords(Protocol):
    """Slow hashes, in a bounded pool."""

    @property
    def is_busy(self) -> bool:
        """Whether so many wait for their turn that a stranger should come back later."""
        ...

    async def hash(self, password: str) -> str:
        """A PHC string."""
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the one; None costs the same time and is never right."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        ...


class RecordSystem(Protocol):
    """What the authorization server asks of the FHIR server: whose records a person may be shown.

    Every call raises `RecordSystemDown` when the FHIR server cannot say; nothing is guessed then.
    """

    async def patients(self, person: Person) -> tuple[str, ...]:
        """Bare ids of the records that are the person's own or those of whom she represents, own first."""
        ...

    async def acts_for(self, person: Person) -> frozenset[str]:
        """Bare ids of those whom she represents and is not herself."""
        ...

    async def powers(self, person: Person) -> tuple[Power, ...]:
        """All that the person herself may do: her own and represented compartments, her permissions and roles."""
        ...

    async def has_patient(self, patient: str) -> bool:
        """Whether there is a patient of this bare id."""
        ...

    async def patient_of_encounter(self, encounter: str) -> str | None:
        """The bare id of the patient whose encounter this is; None when there is no such encounter, or nobody's."""
        ...

    async def encounters(self, patient: str) -> tuple[str, ...]:
        """Bare ids of a patient's encounters, the latest first, at most 50."""
        ...


class RecordSystemDown(Exception):
    """The FHIR server did not answer, or not sensibly."""


class Observer(Protocol):
    """Told of every audit event, of one that is kept after it is durable: logs and metrics are made from it."""

    def __call__(self, event: AuditEvent) -> None:
        """Takes note; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """One issuer's authorization server.

    `moment` is the database's clock (epoch seconds, fractional); `random(n)` gives n random bytes;
    `cookie_key` keys what is remembered in browsers (CSRF tokens, throttle keys, cursors); `subject_key` makes
    pairwise subjects, and is for ever: another one would make everybody a stranger to her apps; `counts` is what this
    process knows of the counts of `rate_limits`.
    """

    issuer: Issuer
    settings: EngineSettings
    storage: Storage
    moment: Callable[[], float]
    random: Callable[[int], bytes]
    keys: Keys
    passwords: Passwords
    fetch: Fetch
    records: RecordSystem
    hooks: "Hooks"
    observe: Observer
    cookie_key: bytes
    subject_key: bytes
    grants: "tuple[GrantType, ...]"
    client_auth: "tuple[ClientAuthMethod, ...]"
    counts: RecentCounts = field(default_factory=RecentCounts, repr=False)

    def now(self) -> int:
        """Epoch seconds."""
        return int(self.moment())
