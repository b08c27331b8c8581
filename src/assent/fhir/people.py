"""What pages and engine ask a FHIR server about people: whose records they may be shown, and what those are.

One function says whom a person represents (`representation`); the authorization server, the pages and the gateway all
ask it, here.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assent.engine.authority import permissions_of
from assent.fhir.cards import EncounterCard, PatientCard, encounter_card, patient_card
from assent.fhir.patient_query import PatientQuery
from assent.fhir.reading import RecordReader
from assent.fhir.relations import Relation
from assent.fhir.representation import (
    Representation,
    Representations,
    RepresentationSettings,
    first_relations,
)
from assent.fhir.upstream import Upstream
from assent.records.people import Person
from assent.spec.permissions import Power, powers
from assent.storage.interface import Storage

MAX_ENCOUNTERS = 50
MAX_AT_ONCE = 8
"""Reads under way at a time for one page."""


@dataclass(frozen=True, slots=True)
class PatientsFound:
    """Patients for the picker; `has_more`: there are others that are not among them."""

    cards: tuple[PatientCard, ...]
    has_more: bool = False


class FhirRecords:
    """Fulfils `engine.server.RecordSystem` by asking the FHIR server.

    `moment` gives epoch seconds: a relationship may have ended. An answer that takes longer than `patience_seconds` is
    none: somebody waits for it in front of a page.
    """

    def __init__(
        self,
        upstream: Upstream,
        storage: Storage,
        moment: Callable[[], float] = time.time,
        settings: RepresentationSettings = RepresentationSettings(),  # noqa: B008 - a frozen value
        patience_seconds: float = 10.0,
    ) -> None:
        self._storage = storage
        self._reader = RecordReader(upstream, patience_seconds)
        self._representations = Representations(self._reader, storage, moment, settings)

    async def represented(self, person: Person) -> tuple[Representation, ...]:
        """Her own record first, then those of whom she represents, and how far. Raises `RecordSystemDown`."""
        return await self._representations.of(person)

    async def patients(self, person: Person) -> tuple[str, ...]:
        """Bare ids: the person's own record first, then those she represents. Raises `RecordSystemDown`."""
        return tuple(await self.relations(person))

    async def relations(self, person: Person) -> dict[str, Relation]:
        """What each of these patients is to the person, in the same order. Raises `RecordSystemDown`."""
        return first_relations(await self.represented(person))

    async def acts_for(self, person: Person) -> frozenset[str]:
        """Bare ids of those whom she represents and is not herself. Raises `RecordSystemDown`."""
        relations = await self.relations(person)
        return frozenset(patient for patient, relation in relations.items() if relation != "you")

    async def powers(self, person: Person) -> tuple[Power, ...]:
        """What she may do in these records, and what her permissions and roles say. Raises `RecordSystemDown`."""
        given = (power for one in await self.represented(person) for power in one.powers)
        held = await permissions_of(self._storage, person)
        return tuple(dict.fromkeys(given)) + powers(held)

    async def has_patient(self, patient: str) -> bool:
        """Whether there is a patient of this bare id. Raises `RecordSystemDown`."""
        return await self._reader.read("Patient", patient) is not None

    async def patient_of_encounter(self, encounter: str) -> str | None:
        """The bare id of the patient whose encounter this is. Raises `RecordSystemDown`."""
        found = await self._reader.read("Encounter", encounter)
        return self._reader.target(found.get("subject"), "Patient") if found is not None else None

    async def encounters(self, patient: str) -> tuple[str, ...]:
        """Bare ids of a patient's encounters as `describe_encounters` has them. Raises `RecordSystemDown`."""
        return tuple(card.id for card in await self.describe_encounters(patient))

    async def describe_encounters(self, patient: str) -> list[EncounterCard]:
        """A patient's latest encounters for the picker, those under way first. Raises `RecordSystemDown`."""
        asked = [("subject", f"Patient/{patient}"), ("_sort", "-date"), ("_count", str(MAX_ENCOUNTERS))]
        found, _ = await self._reader.search("Encounter", asked)
        mine = [one for one in found if self._reader.target(one.get("subject"), "Patient") == patient]
        cards = [card for card in map(encounter_card, mine) if card is not None]
        return sorted(cards, key=lambda card: not card.is_under_way)[:MAX_ENCOUNTERS]

    async def describe_patients(self, ids: Sequence[str]) -> list[PatientCard]:
        """The patients of these ids for the picker; one that does not exist is left out. Raises `RecordSystemDown`."""
        cards: list[PatientCard] = []
        for start in range(0, len(ids), MAX_AT_ONCE):
            asked = [self._reader.read("Patient", id_) for id_ in ids[start : start + MAX_AT_ONCE]]
            cards += _cards(one for one in await asyncio.gather(*asked) if one is not None)
        return cards

    async def find_patients(self, query: PatientQuery, most: int) -> PatientsFound:
        """At most `most` patients by name, else by the number of their record. Raises `RecordSystemDown`."""
        found = PatientsFound(())
        if query.names:
            found = await self._find(query.by_name, query, most)
        if not found.cards and query.identifier is not None:
            found = await self._find(query.by_identifier, query, most)
        return found

    async def list_patients(self, most: int) -> PatientsFound:
        """At most `most` patients, whoever they are. Raises `RecordSystemDown`."""
        return await self._find([], None, most)

    async def _find(
        self, asked: list[tuple[str, str]], query: PatientQuery | None, most: int
    ) -> PatientsFound:
        resources, has_next = await self._reader.search("Patient", [*asked, ("_count", str(most + 1))])
        fitting = [one for one in resources if query is None or query.fits(one)]
        cards = tuple({card.id: card for card in _cards(fitting)}.values())
        return PatientsFound(cards[:most], has_more=has_next or len(cards) > most)


def _cards(resources: Iterable[Mapping[str, Any]]) -> list[PatientCard]:
    return [card for card in map(patient_card, resources) if card is not None]
