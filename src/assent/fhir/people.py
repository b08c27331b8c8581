"""Whose records a person may be shown: her own, and those of whom she represents.

One function says whom a person represents; the authorization server, the pages and the gateway all ask it.
Sources: FHIR R4 Person.link, RelatedPerson.patient; the person's own definition (`represents`, `permissions`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assent.engine.server import RecordSystemDown
from assent.fhir.upstream import Upstream, UpstreamDown, UpstreamRequest
from assent.records.people import Person
from assent.spec.identifiers import is_fhir_id
from assent.spec.permissions import Power, own_powers, powers

REMEMBER_SECONDS = 10.0
MAX_LINKS = 50
MAX_ENCOUNTERS = 50


@dataclass(frozen=True, slots=True)
class PatientCard:
    """What the picker shows of a patient. Dates as FHIR writes them."""

    id: str
    name: str
    birth_date: str | None = None
    gender: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class EncounterCard:
    """What the picker shows of an encounter."""

    id: str
    title: str
    start: str | None = None


class FhirRecords:
    """Fulfils `engine.server.RecordSystem` by asking the FHIR server.

    Links are remembered for ten seconds, so that a gateway that asks with every request does not ask each time.
    `moment` gives epoch seconds: a relationship may have ended.
    """

    def __init__(self, upstream: Upstream, moment: Callable[[], float] = time.time) -> None:
        self._upstream = upstream
        self._moment = moment
        self._remembered: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}

    async def patients(self, person: Person) -> tuple[str, ...]:
        """Bare ids: the person's own record first, then those she represents. Raises `RecordSystemDown`."""
        linked = await self._linked(person) if person.fhir_user else ()
        stated = (patient.removeprefix("Patient/") for patient in person.represents)
        return tuple(dict.fromkeys(id_ for id_ in (*linked, *stated) if is_fhir_id(id_)))

    async def powers(self, person: Person) -> tuple[Power, ...]:
        """Her compartments (read and write) and what her permissions say. Raises `RecordSystemDown`."""
        return own_powers(await self.patients(person)) + powers(person.permissions)

    async def has_patient(self, patient: str) -> bool:
        """Whether there is a patient of this bare id. Raises `RecordSystemDown`."""
        return await self._read("Patient", patient) is not None

    async def patient_of_encounter(self, encounter: str) -> str | None:
        """The bare id of the patient whose encounter this is. Raises `RecordSystemDown`."""
        found = await self._read("Encounter", encounter)
        return self._target(found.get("subject"), "Patient") if found is not None else None

    async def encounters(self, patient: str) -> tuple[str, ...]:
        """Bare ids of a patient's encounters, the latest first. Raises `RecordSystemDown`."""
        return tuple(card.id for card in await self.describe_encounters(patient))

    async def describe_encounters(self, patient: str) -> list[EncounterCard]:
        """A patient's encounters for the picker, the latest first. Raises `RecordSystemDown`."""
        found = await self._search(
            "Encounter",
            [("subject", f"Patient/{patient}"), ("_sort", "-date"), ("_count", str(MAX_ENCOUNTERS))],
        )
        mine = [one for one in found if self._target(one.get("subject"), "Patient") == patient]
        return [_encounter_card(one) for one in mine if is_fhir_id(str(one.get("id")))]

    async def describe_patients(self, ids: Sequence[str]) -> list[PatientCard]:
        """The patients of these ids for the picker; one that does not exist is left out."""
        cards = []
        for id_ in ids:
            resource = await self._read("Patient", id_)
            if resource is not None:
                cards.append(_patient_card(resource))
        return cards

    async def search_patients(self, text: str, birth_date: str, count: int) -> list[PatientCard]:
        """Patients whose name begins so, or who have this identifier, born that day if one is given."""
        more = [("_count", str(count))]
        if birth_date:
            more.append(("birthdate", birth_date))
        if not text:
            return [_patient_card(one) for one in await self._search("Patient", more)]
        escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace("$", "\\$").replace("|", "\\|")
        words = [("name", word) for word in escaped.split()]
        found = await self._search("Patient", [*words, *more])
        if not found:
            found = await self._search("Patient", [("identifier", escaped), *more])
        return [_patient_card(one) for one in found]

    async def _linked(self, person: Person) -> tuple[str, ...]:
        """The patients that a person's own FHIR resource leads to."""
        key = (person.person_id, person.fhir_user or "")
        kept = self._remembered.get(key)
        now = self._moment()
        if kept is not None and now - kept[0] < REMEMBER_SECONDS:
            return kept[1]
        resource_type, _, id_ = self._relative(person.fhir_user).partition("/")
        match resource_type:
            case "Patient":
                return (id_,)
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

    async def _of_related_person(self, id_: str) -> tuple[str, ...]:
        related = await self._read("RelatedPerson", id_)
        if related is None or related.get("active") is False or self._is_over(related.get("period")):
            return ()
        patient = self._target(related.get("patient"), "Patient")
        return (patient,) if patient else ()

    async def _of_person(self, id_: str) -> tuple[str, ...]:
        person = await self._read("Person", id_)
        if person is None or person.get("active") is False:
            return ()
        own: list[str] = []
        represented: list[str] = []
        for link in (person.get("link") or [])[:MAX_LINKS]:
            patient = self._target(link.get("target"), "Patient")
            related = self._target(link.get("target"), "RelatedPerson")
            if patient:
                own.append(patient)
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
        try:
            answer = await self._upstream.send(UpstreamRequest("GET", f"{resource_type}/{id_}"))
            if answer.status in (404, 410):
                return None
            resource = answer.json()
        except UpstreamDown as error:
            raise RecordSystemDown(str(error)) from error
        if answer.status != 200 or resource.get("resourceType") != resource_type:
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a read of {resource_type}")
        return resource

    async def _search(self, resource_type: str, query: list[tuple[str, str]]) -> list[dict[str, Any]]:
        try:
            answer = await self._upstream.send(UpstreamRequest("GET", resource_type, query))
            bundle = answer.json()
        except UpstreamDown as error:
            raise RecordSystemDown(str(error)) from error
        if answer.status != 200 or bundle.get("resourceType") != "Bundle":
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a search of {resource_type}")
        resources = [entry.get("resource") or {} for entry in bundle.get("entry") or []]
        return [one for one in resources if one.get("resourceType") == resource_type]


def _patient_card(resource: Mapping[str, Any]) -> PatientCard:
    identifiers = resource.get("identifier") or [{}]
    return PatientCard(
        id=str(resource.get("id")),
        name=say_name(resource),
        birth_date=resource.get("birthDate"),
        gender=resource.get("gender"),
        identifier=identifiers[0].get("value"),
    )


def say_name(resource: Mapping[str, Any]) -> str:
    """A person's name as one line: the official or usual one, else the first; the id where there is none."""
    names = resource.get("name") or []
    order = {"official": 0, "usual": 1}
    for name in sorted(names, key=lambda one: order.get(one.get("use", ""), 2)):
        words = name.get("text") or " ".join([*(name.get("given") or []), name.get("family") or ""])
        if words.strip():
            return str(words).strip()
    return str(resource.get("id"))


def _encounter_card(resource: Mapping[str, Any]) -> EncounterCard:
    kinds = resource.get("type") or [{}]
    coding = (kinds[0].get("coding") or [{}])[0]
    title = kinds[0].get("text") or coding.get("display") or (resource.get("class") or {}).get("display")
    return EncounterCard(
        id=str(resource.get("id")),
        title=str(title or "Visit"),
        start=(resource.get("period") or {}).get("start"),
    )
