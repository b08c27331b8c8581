"""What surrounds a server in a test: a clock that stands until it is moved, hosts elsewhere, a FHIR server's word."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assent.engine.server import Answered, Fetched, FetchFailed, Outgoing
from assent.records.people import Person
from assent.spec.permissions import Power


class Clock:
    """Stands still until it is moved; called, it gives epoch seconds."""

    def __init__(self, moment: float) -> None:
        self.moment = moment

    def __call__(self) -> float:
        return self.moment

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += seconds


class Web:
    """The hosts outside: documents by URL. `asked` lists every fetch; a missing document is a 404."""

    def __init__(self) -> None:
        self.documents: dict[str, Fetched] = {}
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, Callable[[Outgoing], Answered]] = {}
        self.sent: list[Outgoing] = []

    async def __call__(self, url: str, accept: str, most_bytes: int = 64 * 1024) -> Fetched:
        self.asked.append((url, accept))
        if url not in self.documents:
            raise FetchFailed("answered 404")
        return self.documents[url]

    async def send(self, request: Outgoing) -> Answered:
        """What `answers` gives for the URL; nobody is there otherwise."""
        self.sent.append(request)
        if request.url not in self.answers:
            raise FetchFailed("connection refused")
        return self.answers[request.url](request)


@dataclass
class FhirRecords:
    """A FHIR server's word on people: who may open what. Nobody may, until a test says so."""

    patients_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    powers_of: dict[str, tuple[Power, ...]] = field(default_factory=dict)
    encounters_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    async def patients(self, person: Person) -> tuple[str, ...]:
        return self.patients_of.get(person.username, ())

    async def acts_for(self, person: Person) -> frozenset[str]:
        own = (person.fhir_user or "").removeprefix("Patient/")
        return frozenset(self.patients_of.get(person.username, ())) - {own}

    async def powers(self, person: Person) -> tuple[Power, ...]:
        return self.powers_of.get(person.username, ())

    async def has_patient(self, patient: str) -> bool:
        return patient not in self.missing

    async def patient_of_encounter(self, encounter: str) -> str | None:
        owners = (patient for patient, theirs in self.encounters_of.items() if encounter in theirs)
        return next(owners, None)

    async def encounters(self, patient: str) -> tuple[str, ...]:
        return self.encounters_of.get(patient, ())
