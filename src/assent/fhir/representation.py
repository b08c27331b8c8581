"""Whom a person may act for, and how far: what her FHIR resource leads to, delegations, and her own definition.

| from | holds | ends |
|---|---|---|
| `Patient/…`, or a Person's link to a Patient | she herself | with the link |
| RelatedPerson, alone or linked from a Person | whom she represents | `active`, `period`; a child's age |
| a delegation (`assent delegation`) | whom she represents | when it says: a time, an age |
| `represents` of her definition, also from claims | whom she represents | when it is taken out |

Each adds to the others. Everything is looked at with every request; what the FHIR server said is remembered for ten
seconds, what time makes of it is not remembered.
Sources: FHIR R4 Person.link, RelatedPerson (patient, relationship, active, period), Patient.birthDate.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from assent.fhir.reading import RecordReader, objects
from assent.fhir.relations import Link, Relation, ends_with_age, relation_of
from assent.records.delegations import DelegateRelationship, Delegation
from assent.records.people import Person
from assent.spec.ages import is_age
from assent.spec.identifiers import is_fhir_id
from assent.spec.periods import is_within
from assent.spec.permissions import Power, own_powers
from assent.storage.interface import Storage
from assent.storage.tables import DELEGATIONS

REMEMBER_SECONDS: Final = 10.0
MAX_LINKS: Final = 50
_EASTERNMOST: Final = timedelta(hours=14)
"""Where a birthday begins first: in doubt, a patient is older."""

_MOST_REMEMBERED: Final = 10_000

Source = Literal["fhir", "delegation", "definition"]

_RELATIONS: Final[dict[DelegateRelationship, Relation]] = {
    "parent": "child",
    "guardian": "ward",
    "power_of_attorney": "ward",
}


@dataclass(frozen=True, slots=True)
class RepresentationSettings:
    """`[representation]`: how long parents and guardians act for a child, by links of the FHIR server."""

    minor_until: int = 18
    """The age with which the access of parents and guardians ends, on the birthday; 0 ends it at no age. The record of
    a patient without a readable birth date is closed to them."""

    adolescent_from: int = 13
    """The age from which, until `minor_until`, they see only what `adolescent_types` names, and change nothing; 0 for
    no such age."""

    adolescent_types: tuple[str, ...] = ("Patient", "Immunization", "AllergyIntolerance")
    """The resource types of an adolescent's record that parents and guardians may still read; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Representation:
    """A patient (bare id) whose record is a person's own (`you`), or for whom she may act.

    `types`: the resource types that she may read, and nothing else; None: all of the record. `may_write`: whether she
    may also change what is in it.
    """

    patient: str
    relation: Relation
    source: Source
    types: tuple[str, ...] | None = None
    may_write: bool = True

    @property
    def powers(self) -> tuple[Power, ...]:
        """What she may do in this record."""
        if self.types is not None:
            return tuple(Power("read", name, within=f"Patient/{self.patient}") for name in self.types)
        powers = own_powers((self.patient,))
        return powers if self.may_write else tuple(power for power in powers if power.verb == "read")


class Representations:
    """Whom people may act for, of one issuer. `moment` gives epoch seconds."""

    def __init__(
        self,
        reader: RecordReader,
        storage: Storage,
        moment: Callable[[], float],
        settings: RepresentationSettings,
    ) -> None:
        self._reader = reader
        self._storage = storage
        self._moment = moment
        self._settings = settings
        self._links: dict[tuple[str, str], tuple[float, tuple[Link, ...]]] = {}
        self._births: dict[str, tuple[float, str | None]] = {}

    async def of(self, person: Person) -> tuple[Representation, ...]:
        """Her own record first, then those of whom she represents, as it is now. Raises `RecordSystemDown`."""
        found = [one for link in await self._linked(person) if (one := await self._by_link(link)) is not None]
        if person.has_delegations:
            where = {"person_id": person.person_id}
            stored = await self._storage.find(DELEGATIONS, where)
            found += [_by_delegation(one) for one in stored if await self._holds(one)]
        stated = (patient.removeprefix("Patient/") for patient in person.represents)
        found += [Representation(patient, "acting", "definition") for patient in stated]
        return tuple(one for one in found if is_fhir_id(one.patient))

    async def _by_link(self, link: Link) -> Representation | None:
        """What a link of the FHIR server gives today; None where it gives nothing."""
        if not is_within(link.starts, link.ends, self._now()):
            return None
        given = Representation(link.patient, link.relation, "fhir")
        if not link.ends_with_age:
            return given
        settings = self._settings
        if settings.minor_until and await self._is_age(link.patient, settings.minor_until) is not False:
            return None
        if (
            settings.adolescent_from
            and await self._is_age(link.patient, settings.adolescent_from) is not False
        ):
            return (
                replace(given, types=settings.adolescent_types, may_write=False)
                if settings.adolescent_types
                else None
            )
        return given

    async def _holds(self, delegation: Delegation) -> bool:
        now = self._moment()
        if now < delegation.starts_at or 0 < delegation.expires_at <= now:
            return False
        if delegation.until_age is None:
            return True
        return await self._is_age(delegation.patient, delegation.until_age) is False

    async def _is_age(self, patient: str, years: int) -> bool | None:
        """Whether a patient is so old; None where nobody knows. Raises `RecordSystemDown`."""
        kept = self._births.get(patient)
        if kept is None or self._is_old(kept[0]):
            resource = await self._reader.read("Patient", patient)
            born = resource.get("birthDate") if resource is not None else None
            kept = self._moment(), born if isinstance(born, str) else None
            _keep(self._births, patient, kept)
        return is_age(kept[1], years, (self._now() + _EASTERNMOST).date())

    async def _linked(self, person: Person) -> tuple[Link, ...]:
        """The patients that a person's own FHIR resource leads to, whether the links hold today or not."""
        resource_type, _, id_ = self._reader.relative(person.fhir_user).partition("/")
        if resource_type == "Patient":
            return (Link(id_, "you"),)
        if resource_type not in ("RelatedPerson", "Person"):
            return ()
        key = (person.person_id, person.fhir_user or "")
        kept = self._links.get(key)
        if kept is None or self._is_old(kept[0]):
            now = self._moment()
            found = await (
                self._of_related_person(id_) if resource_type == "RelatedPerson" else self._of_person(id_)
            )
            kept = now, found
            _keep(self._links, key, kept)
        return kept[1]

    async def _of_related_person(self, id_: str) -> tuple[Link, ...]:
        related = await self._reader.read("RelatedPerson", id_)
        if related is None or related.get("active", True) is not True:
            return ()
        patient = self._reader.target(related.get("patient"), "Patient")
        if patient is None:
            return ()
        period = related.get("period")
        if period is None:
            period = {}
        if not isinstance(period, dict):
            return ()  # nobody knows when it ends
        return (
            Link(
                patient,
                relation_of(related),
                starts=period.get("start"),
                ends=period.get("end"),
                ends_with_age=ends_with_age(related),
            ),
        )

    async def _of_person(self, id_: str) -> tuple[Link, ...]:
        person = await self._reader.read("Person", id_)
        if person is None or person.get("active", True) is not True:
            return ()
        own: list[Link] = []
        represented: list[Link] = []
        for link in objects(person.get("link"))[:MAX_LINKS]:
            patient = self._reader.target(link.get("target"), "Patient")
            related = self._reader.target(link.get("target"), "RelatedPerson")
            if patient:
                own.append(Link(patient, "you"))
            if related:
                represented.extend(await self._of_related_person(related))
        return (*own, *represented)

    def _is_old(self, at: float) -> bool:
        return self._moment() - at >= REMEMBER_SECONDS

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._moment(), UTC)


def _by_delegation(delegation: Delegation) -> Representation:
    relation = _RELATIONS.get(delegation.relationship, "acting")
    return Representation(delegation.patient, relation, "delegation", may_write=delegation.access == "full")


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _MOST_REMEMBERED:
        kept.clear()
    kept[key] = value


def first_relations(represented: Iterable[Representation]) -> dict[str, Relation]:
    """What each patient is to the person, in order; what was found first says it."""
    found: dict[str, Relation] = {}
    for one in represented:
        found.setdefault(one.patient, one.relation)
    return found
