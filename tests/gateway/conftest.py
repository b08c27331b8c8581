"""`clinic`: the gateway before the demo's store, to be read only. `ward`: a small store of a test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from applications import OpenWith
from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
from assent.records.clients import Client
from assent.records.people import Person
from assent.testing.application import PUBLIC_URL, open_application
from gateway.clinic import Asking, Clinic, Json

APP = "app"
PEOPLE: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "amy": ("Patient/amy", ()),
    "jonas": ("Person/jonas", ()),
    "nora": ("Person/nora", ()),
    "guardian": ("RelatedPerson/jonas-for-leo", ()),
    "tomas": ("Patient/tomas", ()),
    "lee": ("Practitioner/lee", ("FHIR_ALL_READ",)),
    "writer": ("Practitioner/lee", ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE")),
    "typist": ("Practitioner/lee", ("FHIR_READ_ALL_OF_TYPE Observation", "FHIR_READ_ALL_OF_TYPE Patient")),
    "clerk": (
        "Practitioner/lee",
        ("FHIR_READ_INSTANCE Patient/amy", "FHIR_READ_INSTANCE Observation/misfiled"),
    ),
    "nurse": ("Practitioner/lee", ("FHIR_READ_ALL_IN_COMPARTMENT Patient/amy",)),
    "lab": (None, ("FHIR_READ_TYPE_IN_COMPARTMENT Observation:Patient/amy",)),
    "blind": ("Practitioner/lee", ("FHIR_ALL_WRITE",)),
    "nobody": (None, ()),
    "admin": (None, ("ROLE_SUPERUSER",)),
}
"""username -> fhirUser, permissions."""

Ask = Callable[..., Awaitable[Asking]]


@pytest.fixture(scope="session")
async def clinic(
    installation_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Clinic]:
    """The application in front of the demo's store with the whole population. Tests write nothing to it."""
    folder = tmp_path_factory.mktemp("clinic")
    store = FhirStore(versions(), base_url=f"{PUBLIC_URL}/fhir")
    async with open_application(installation_template, folder, store=store) as application:
        yield Clinic(application)


@pytest.fixture(scope="session")
async def app(clinic: Clinic) -> Client:
    """A client that may have any scope for anybody."""
    return await clinic.client(APP)


@pytest.fixture(scope="session")
async def people(clinic: Clinic) -> dict[str, Person]:
    """Everybody of PEOPLE."""
    return {name: await clinic.person(name, *held) for name, held in PEOPLE.items()}


@pytest.fixture(scope="session")
def ask(clinic: Clinic, app: Client, people: dict[str, Person]) -> Ask:
    """`await ask("amy", "patient/*.rs", "amy")`: an app with that person's token, that patient in context."""
    kept: dict[tuple[str, str, str | None], Asking] = {}

    async def find(username: str, scope: str, patient: str | None = None) -> Asking:
        key = (username, scope, patient)
        if key not in kept:
            kept[key] = await clinic.asking(app, people[username], scope, patient)
        return kept[key]

    return find


@pytest.fixture
def ward(open_with: OpenWith) -> Callable[..., Awaitable[Clinic]]:
    """`await ward(resource, …)`: the application before a store of its own with these resources."""

    async def make(*resources: Json) -> Clinic:
        store = FhirStore(resources, base_url="http://fhir.internal/r4")
        return Clinic(await open_with(store=store))

    return make
