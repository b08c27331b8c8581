"""The criteria that hold a search to what the rights reach.

Owns the criteria added to a search. Every resource of the answer is checked all the same, so that a criterion
too few costs pages, not secrets; a criterion too many would hide what is allowed. What several reaches allow is
a union, which a search can say only where they differ in one thing (`patient=Patient/1,Patient/2`,
`category=laboratory,vital-signs`). Where they differ in more, the search is left wider, `exact` is False, and
the answer carries no total.

Two things are found by their id, not by every search: what only a power for single instances reaches, beside
other powers; and what is a patient's by another reference than its `patient_parameter` (an Observation she
performed), unless the search asks for that reference.

Sources: FHIR R4 Search 3.1.1.4.16 (`,` is OR, repetition is AND); SMART App Launch 2.2 (scopes add up).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assent.spec.constraints import Constraints
from assent.spec.fhir.compartments import SUPPORTING_TYPES, membership_parameters, patient_parameter
from assent.spec.fhir.matching import alternatives
from assent.spec.fhir.reaches import Reach
from assent.spec.fhir.references import Bases, local_reference

Criteria = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Criteria to add to a search of one type."""

    criteria: Criteria = ()
    exact: bool = True
    """Whether the criteria say all that the rights say."""
    patients: frozenset[str] | None = None
    """The patients to whom the criteria pin the answer; None: not pinned."""


def narrow(resource_type: str, reaches: Sequence[Reach], asked: Criteria, bases: Bases) -> Narrowing:
    """The narrowing of a search of `resource_type` to `reaches`, where its plain criteria are `asked`."""
    if any(reach.is_whole for reach in reaches):
        return Narrowing()
    general = [reach for reach in reaches if reach.instance is None] or reaches
    chosen = list(dict.fromkeys(_as_searched(resource_type, reach) for reach in general))
    by_owner = _narrow_to_owners(resource_type, chosen, asked, bases)
    by_id = _narrow_to_instances(resource_type, chosen)
    by_content = _narrow_to_constraints([reach.constraints for reach in chosen])
    parts = (by_owner, by_id, by_content)
    differing = (
        len({reach.patients for reach in chosen}),
        len({reach.instance for reach in chosen}),
        len({reach.constraints for reach in chosen}),
    )
    return Narrowing(
        tuple(criterion for part in parts for criterion in part.criteria),
        all(part.exact for part in parts) and sum(count > 1 for count in differing) <= 1,
        by_owner.patients if by_owner.patients is not None else by_id.patients,
    )


def patient_values(patients: frozenset[str]) -> str:
    """`patients` as alternatives of a reference parameter."""
    return ",".join(f"Patient/{patient}" for patient in sorted(patients))


def _as_searched(resource_type: str, reach: Reach) -> Reach:
    """`reach` in terms of a search: a patient is found by her id, supporting types belong to nobody."""
    if resource_type == "Patient" and reach.patients:
        (patient,) = reach.patients
        return replace(reach, patients=frozenset(), instance=patient)
    if resource_type in SUPPORTING_TYPES:
        return replace(reach, patients=frozenset())
    return reach


def _narrow_to_owners(resource_type: str, reaches: list[Reach], asked: Criteria, bases: Bases) -> Narrowing:
    parameter = patient_parameter(resource_type)
    if parameter is None or not all(reach.patients for reach in reaches):
        return Narrowing()
    patients = frozenset(patient for reach in reaches for patient in reach.patients)
    exact = all(len(reach.patients) == 1 for reach in reaches)
    others = {known.name for known in membership_parameters(resource_type) if known.paths != parameter.paths}
    if any(name in others and _names_only(patients, value, bases) for name, value in asked):
        return Narrowing(exact=exact)
    return Narrowing(((parameter.name, patient_values(patients)),), exact, patients)


def _names_only(patients: frozenset[str], value: str, bases: Bases) -> bool:
    """Whether the value of a reference criterion names nobody but `patients`."""
    targets = [local_reference(text, bases) for text in alternatives(value)]
    return all(
        target is not None and target.resource_type == "Patient" and target.id in patients
        for target in targets
    )


def _narrow_to_instances(resource_type: str, reaches: list[Reach]) -> Narrowing:
    ids = frozenset(reach.instance for reach in reaches if reach.instance is not None)
    if not all(reach.instance is not None for reach in reaches):
        return Narrowing()
    return Narrowing((("_id", ",".join(sorted(ids))),), patients=ids if resource_type == "Patient" else None)


def _narrow_to_constraints(sets: list[Constraints]) -> Narrowing:
    first, *others = dict.fromkeys(sets)
    if not others:
        return Narrowing(first)
    values = [dict(constraints) for constraints in (first, *others)]
    shared = [name for name in values[0] if all(name in each for each in values)]
    differing = [name for name in shared if len({each[name] for each in values}) > 1]
    once = all(
        len(each) == len(constraints) for each, constraints in zip(values, (first, *others), strict=True)
    )
    if not once:  # a name repeated is AND, which no union of values says
        return Narrowing(exact=False)
    exact = len(differing) <= 1 and all(len(each) == len(shared) for each in values)
    return Narrowing(tuple((name, _union(each[name] for each in values)) for name in shared), exact)


def _union(values: Iterable[str]) -> str:
    return ",".join(dict.fromkeys(text for value in values for text in alternatives(value)))
