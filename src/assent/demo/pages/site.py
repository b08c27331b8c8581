"""What the demo's pages need to know, handed in by whoever starts the demo."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


@dataclass(frozen=True, slots=True)
class PatientChoice:
    """A line of the mock EHR's patient list; `birth_date` as in FHIR, `id` bare."""

    id: str
    name: str
    birth_date: str
    gender: str


@dataclass(frozen=True, slots=True)
class EncounterChoice:
    """A visit that the mock EHR can put into the launch context; `date` as in FHIR, `id` bare."""

    id: str
    label: str
    date: str


@dataclass(frozen=True, slots=True)
class DemoSite:
    """One running demo.

    `issuer_url`, `fhir_base` and `pages_url` (where these pages are, when not at the issuer's own URL) are absolute,
    without a trailing slash. `folder` holds `demo-backend.jwk.json`.
    `http` gives a fresh client for the pages' own calls to this server; `aiohttp.ClientSession` itself fits.
    `list_patients` and `list_encounters(patient_id)` are the mock EHR's own view of its records. `now` is epoch
    seconds, `new_id` an unguessable text for a JWT's `jti`. `has_admin` and `docs_url` switch on links
    that lead somewhere.
    """

    issuer_url: str
    fhir_base: str
    folder: Path
    http: "Callable[[], AbstractAsyncContextManager[aiohttp.ClientSession]]"
    list_patients: Callable[[], Awaitable[Sequence[PatientChoice]]]
    list_encounters: Callable[[str], Awaitable[Sequence[EncounterChoice]]]
    now: Callable[[], int]
    new_id: Callable[[], str]
    has_admin: bool = False
    docs_url: str | None = None
    pages_url: str | None = None

    @property
    def url(self) -> str:
        """Where these pages are."""
        return self.pages_url or self.issuer_url

    @property
    def discovery_url(self) -> str:
        """Where SMART clients find the endpoints (SMART App Launch 2.2, conformance)."""
        return f"{self.fhir_base}/.well-known/smart-configuration"

    @property
    def app_url(self) -> str:
        """The sample app's redirect URI."""
        return f"{self.url}/demo/app/"

    @property
    def app_launch_url(self) -> str:
        """The sample app's launch URI."""
        return f"{self.url}/demo/app/launch.html"

    @property
    def backend_key_path(self) -> Path:
        """The private JWK of the client `demo-backend`."""
        return self.folder / "demo-backend.jwk.json"
