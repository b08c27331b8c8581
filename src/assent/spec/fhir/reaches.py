"""What one scope and one power allow together, and many of them.

Owns leaving out what another reach includes, and making reaches ready to be matched with resources: both are done
once for a type and letter, however many resources an answer holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from assent.spec.constraints import Constraints
from assent.spec.fhir.matching import Clause, read_clauses

_Place = tuple[frozenset[str], str | None]
"""Patients and instance of a reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one scope and one power allow together, for one resource type and letter."""

    patients: frozenset[str] = frozenset()
    """Ids of patients in whose compartments, all of them, a resource must lie; none: anybody's."""
    instance: str | None = None
    """The one resource, by its id; None: any."""
    constraints: Constraints = ()
    """The clauses of a granular scope, all of which a resource must fulfil."""

    @property
    def is_whole(self) -> bool:
        """Whether every resource of the type is within reach."""
        return self == Reach()


@dataclass(frozen=True, slots=True)
class Way:
    """The reaches of one type and letter that are of the same patients and the same instance."""

    patients: frozenset[str]
    instance: str | None
    conditions: tuple[tuple[Clause, ...], ...]
    """The clauses of each reach, ready to be matched; those of one are enough."""


def widest(reaches: Iterable[Reach]) -> tuple[Reach, ...]:
    """`reaches` without those that another one includes: same or more patients, any instance, fewer clauses."""
    places: dict[_Place, dict[Constraints, frozenset[tuple[str, str]]]] = {}
    for reach in reaches:
        there = places.setdefault((reach.patients, reach.instance), {})
        there.setdefault(reach.constraints, frozenset(reach.constraints))
    return tuple(
        Reach(patients, instance, constraints)
        for (patients, instance), there in places.items()
        for constraints, clauses in there.items()
        if not any(
            wider < clauses or (wider == clauses and place != (patients, instance))
            for place in _places_around(patients, instance)
            for wider in places.get(place, {}).values()
        )
    )


def _places_around(patients: frozenset[str], instance: str | None) -> Iterator[_Place]:
    """Every place in which all of `patients` and `instance` lies, itself included; there are two patients at most."""
    for count in range(len(patients) + 1):
        for fewer in combinations(patients, count):
            yield from dict.fromkeys(((frozenset(fewer), instance), (frozenset(fewer), None)))


def read_ways(resource_type: str, reaches: tuple[Reach, ...]) -> tuple[Way, ...]:
    """`reaches` by place; every constraint is read once, however many patients it is about."""
    constraints = dict.fromkeys(reach.constraints for reach in reaches)
    read = {one: read_clauses(resource_type, one) for one in constraints}
    places: dict[_Place, list[tuple[Clause, ...]]] = {}
    for reach in reaches:
        clauses = read[reach.constraints]
        if clauses is not None:
            places.setdefault((reach.patients, reach.instance), []).append(clauses)
    return tuple(
        Way(patients, instance, tuple(conditions)) for (patients, instance), conditions in places.items()
    )
