"""One patient's chart while it is written: the person, the visits, and what has been recorded so far.

Owns: ids, the order of recording, what a resource of a chart always carries, the seeded chance. Leaves what is
recorded to the subject files.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from assent.demo.store.population.ailments import Ailment
from assent.demo.store.population.elements import instant, reference
from assent.demo.store.population.households import Resident
from assent.demo.store.population.staff import FAMILY_DOCTORS, PEDIATRICIAN
from assent.demo.store.wire import Json


@dataclass(frozen=True, slots=True)
class Visit:
    """An encounter that has been recorded."""

    key: str
    at: datetime
    kind: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A condition that has been recorded."""

    key: str
    ailment: Ailment
    visit: Visit
    is_over: bool


@dataclass(slots=True)
class Chart:
    """The chart being written. `recorded`: resources, references backwards; `earlier`: former versions of some.

    `written_at`: the key of a visit -> what was recorded in it; `reports`: all DiagnosticReports.
    """

    who: Resident
    kin: tuple[Resident, ...]
    today: date
    chance: random.Random
    recorded: list[Json] = field(default_factory=list)
    earlier: list[Json] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    written_at: dict[str, list[str]] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)

    @property
    def subject(self) -> Json:
        """A Reference to the patient."""
        return reference(self.who.key, self.who.name)

    @property
    def doctor(self) -> str:
        """The practitioner who looks after the patient, `Practitioner/lee`."""
        if self.who.is_child_on(self.today):
            return PEDIATRICIAN
        return FAMILY_DOCTORS[sum(map(ord, self.who.household.family)) % len(FAMILY_DOCTORS)]

    @property
    def last_visit(self) -> Visit:
        """The latest visit."""
        return self.visits[-1]

    def guardians(self) -> tuple[Resident, ...]:
        """The adults of a child's household; nobody for an adult."""
        if not self.who.is_child_on(self.today):
            return ()
        return tuple(each for each in self.kin if not each.is_child_on(self.today))

    def record(self, resource_type: str, slug: str, at: datetime, **elements: Any) -> str:
        """Add a resource `<patient>-<slug>-<number>`, written at that moment; gives its key."""
        self._numbers[slug] += 1
        own_id = f"{self.who.id}-{slug}-{self._numbers[slug]}"
        self.recorded.append(
            {
                "resourceType": resource_type,
                "id": own_id,
                "meta": {"lastUpdated": instant(at)},
                **elements,
            }
        )
        key = f"{resource_type}/{own_id}"
        if resource_type == "DiagnosticReport":
            self.reports.append(key)
        if "encounter" in elements:
            self.written_at.setdefault(elements["encounter"]["reference"], []).append(key)
        return key

    def note_earlier(self, at: datetime, **changed: Any) -> None:
        """Say that the resource recorded last was first written at `at`, with other elements (None: without them)."""
        current = self.recorded[-1]
        former = {**current, "meta": {**current["meta"], "lastUpdated": instant(at)}, **changed}
        self.earlier.append({name: value for name, value in former.items() if value is not None})
