"""Whose records a person may be shown: her own, and those of whom she represents.

One function says whom a person represents; the authorization server, the pages and the gateway all ask it.
Sources: FHIR R4 Person.link, RelatedPerson.patient; the person's own definition (`represents`, `permissions`).
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assent.engine.authority import permissions_of
from assent.engine.server import RecordSystemDown
from assent.fhir.cards import EncounterCard, PatientCard, encounter_card, patient_card
from assent.fhir.patient_query import PatientQuery
from assent.fhir.relations import Link, Relation, relation_of
from assent.fhir.upstream import Upstream, UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.records.people import Person
from assent.spec.identifiers import is_fhir_id
from assent.spec.permissions import Power, own_powers, powers
from assent.storage.interface import Storage

REMEMBER_SECONDS = 10.0
MAX_LINKS = 50
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

    Links are remembered for ten seconds, so that a gateway that asks with every request does not ask each time.
    `moment` gives epoch seconds: a relationship may have ended. An answer that takes longer than `patience_seconds` is
    none: somebody waits for it in front of a page.
    """

    def __init__(
        self,
        upstream: Upstream,
        storage: Storage,
        moment: Callable[[], float] = time.time,
        patience_seconds: float = 10.0,
    ) -> None:
        self._upstream = upstream
        self._storage = storage
        self._moment = moment
        self._patience_seconds = patience_seconds
        self._remembered: dict[tuple[str, str], tuple[float, tuple[Link, ...]]] = {}

    async def patients(self, person: Person) -> tuple[str, ...]:
        """Bare ids: the person's own record first, then those she represents. Raises `RecordSystemDown`."""
        return tuple(await self.relations(person))

    async def relations(self, person: Person) -> dict[str, Relation]:
        """What each of these patients is to the person, in the same order. Raises `RecordSystemDown`."""
        linked = await self._linked(person) if person.fhir_user else ()
        stated = (Link(patient.removeprefix("Patient/"), "acting") for patient in person.represents)
        found: dict[str, Relation] = {}
        for link in (*linked, *stated):
            if is_fhir_id(link.patient):
                found.setdefault(link.patient, link.relation)
        return found

    async def powers(self, person: Person) -> tuple[Power, ...]:
        """Her compartments (read and write) and what her permissions and roles say. Raises `RecordSystemDown`."""
        held = await permissions_of(self._storage, person)
        return own_powers(await self.patients(person)) + powers(held)

    async def has_patient(self, patient: str) -> bool:
        """Whether there is a patient of this bare id. Raises `RecordSystemDown`."""
        return await self._read("Patient", patient) is not None

    async def patient_of_encounter(self, encounter: str) -> str | None:
        """The bare id of the patient whose encounter this is. Raises `RecordSystemDown`."""
        found = await self._read("Encounter", encounter)
        return self._target(found.get("subject"), "Patient") if found is not None else None

    async def encounters(self, patient: str) -> tuple[str, ...]:
        """Bare ids of a patient's encounters as `describe_encounters` has them. Raises `RecordSystemDown`."""
        return tuple(card.id for card in await self.describe_encounters(patient))

    async def describe_encounters(self, patient: str) -> list[EncounterCard]:
        """A patient's latest encounters for the picker, those under way first. Raises `RecordSystemDown`."""
        asked = [("subject", f"Patient/{patient}"), ("_sort", "-date"), ("_count", str(MAX_ENCOUNTERS))]
        found, _ = await self._search("Encounter", asked)
        mine = [one for one in found if self._target(one.get("subject"), "Patient") == patient]
        cards = [card for card in map(encounter_card, mine) if card is not None]
        return sorted(cards, key=lambda card: not card.is_under_way)[:MAX_ENCOUNTERS]

    async def describe_patients(self, ids: Sequence[str]) -> list[PatientCard]:
        """The patients of these ids for the picker; one that does not exist is left out. Raises `RecordSystemDown`."""
        cards: list[PatientCard] = []
        for start in range(0, len(ids), MAX_AT_ONCE):
            asked = [self._read("Patient", id_) for id_ in ids[start : start + MAX_AT_ONCE]]
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
        resources, has_next = await self._search("Patient", [*asked, ("_count", str(most + 1))])
        fitting = [one for one in resources if query is None or query.fits(one)]
        cards = tuple({card.id: card for card in _cards(fitting)}.values())
        return PatientsFound(cards[:most], has_more=has_next or len(cards) > most)

    async def _linked(self, person: Person) -> tuple[Link, ...]:
        """The patients that a person's own FHIR resource leads to."""
        key = (person.person_id, person.fhir_user or "")
        kept = self._remembered.get(key)
        now = self._moment()
        if kept is not None and now - kept[0] < REMEMBER_SECONDS:
            return kept[1]
        resource_type, _, id_ = self._relative(person.fhir_user).partition("/")
        match resource_type:
            case "Patient":
                return (Link(id_, "you"),)
            case "RelatedPerson":
                found = await self._of_related_person(id_)
            case "Person":
                found = await self._of_person(id_)
            case _:
                return ()
        if len(self._remembered) > 10_000:
            self._remembered.clear()
        self._remembered[key] = (now, found)
        return found

    async def _of_related_person(self, id_: str) -> tuple[Link, ...]:
        related = await self._read("RelatedPerson", id_)
        if related is None or related.get("active") is False or self._is_over(related.get("period")):
            return ()
        patient = self._target(related.get("patient"), "Patient")
        return (Link(patient, relation_of(related)),) if patient else ()

    async def _of_person(self, id_: str) -> tuple[Link, ...]:
        person = await self._read("Person", id_)
        if person is None or person.get("active") is False:
            return ()
        own: list[Link] = []
        represented: list[Link] = []
        for link in (person.get("link") or [])[:MAX_LINKS]:
            patient = self._target(link.get("target"), "Patient")
            related = self._target(link.get("target"), "RelatedPerson")
            if patient:
                own.append(Link(patient, "you"))
            if related:
                represented.extend(await self._of_related_person(related))
        return (*own, *represented)

    def _relative(self, reference: str | None) -> str:
        """A reference without our own FHIR server's base; one to another server stays absolute, and leads nowhere."""
        return (reference or "").removeprefix(f"{self._upstream.base}/")

    def _target(self, value: Mapping[str, Any] | None, resource_type: str) -> str | None:
        """The id in a reference to a resource of this type on our FHIR server."""
        found_type, _, id_ = self._relative(str((value or {}).get("reference") or "")).partition("/")
        return id_ if found_type == resource_type and is_fhir_id(id_) else None

    def _is_over(self, period: Mapping[str, Any] | None) -> bool:
        """Whether a period has ended; its last day belongs to it. One that cannot be read has."""
        end = (period or {}).get("end")
        if end is None:
            return False
        today = datetime.fromtimestamp(self._moment(), UTC).date().isoformat()
        return not isinstance(end, str) or not end[:4].isdigit() or end[:10] < today[: len(end)]

    async def _read(self, resource_type: str, id_: str) -> dict[str, Any] | None:
        if not is_fhir_id(id_):
            return None
        answer = await self._ask(UpstreamRequest("GET", f"{resource_type}/{id_}"))
        if answer.status in (404, 410):
            return None
        resource = _read_json(answer)
        if answer.status != 200 or resource.get("resourceType") != resource_type:
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a read of {resource_type}")
        return resource

    async def _search(
        self, resource_type: str, query: list[tuple[str, str]]
    ) -> tuple[list[dict[str, Any]], bool]:
        """The matches of this type on the first page, and whether there is another page."""
        answer = await self._ask(UpstreamRequest("GET", resource_type, query))
        bundle = _read_json(answer)
        if answer.status != 200 or bundle.get("resourceType") != "Bundle":
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a search of {resource_type}")
        matches = [one.get("resource") for one in _objects(bundle.get("entry")) if _is_match(one)]
        resources = [one for one in _objects(matches) if one.get("resourceType") == resource_type]
        return resources, any(link.get("relation") == "next" for link in _objects(bundle.get("link")))

    async def _ask(self, request: UpstreamRequest) -> UpstreamResponse:
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._upstream.send(request)
        except TimeoutError as error:
            raise RecordSystemDown("the FHIR server took too long") from error
        except UpstreamDown as error:
            raise RecordSystemDown(str(error)) from error


def _read_json(answer: UpstreamResponse) -> dict[str, Any]:
    try:
        return answer.json()
    except UpstreamDown as error:
        raise RecordSystemDown(str(error)) from error


def _cards(resources: Iterable[Mapping[str, Any]]) -> list[PatientCard]:
    return [card for card in map(patient_card, resources) if card is not None]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_match(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is what was searched for, not something that the server sends along (FHIR R4 Bundle)."""
    search = entry.get("search")
    return not isinstance(search, dict) or search.get("mode") in (None, "match")
