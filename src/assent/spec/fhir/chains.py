"""Chained searches (`subject:Patient.name=…`, `_has:Observation:patient:code=…`) that cannot probe.

Owns the rule. A chain asks a question about resources that are not in the answer, so that checking the answer is
not enough. A chain is passed on only if every type that it reaches is searchable under the rights and the
resources it asks about are provably within them:

* all of the type is within reach, or the type holds no patient's data;
* forward, the reference has one value at most, and a criterion on the same reference pins its target to the
  patients within reach (`encounter:Encounter.class=AMB` gets `encounter:Encounter.patient=Patient/1` beside it);
* backward, from a Patient within reach by a parameter of compartment membership: what refers to her that way lies
  in her compartment.

Everything else is refused, for example `Practitioner?_has:Observation:performer:patient=…`, which would tell of
other patients' observations.

Sources: FHIR R4 Search 3.1.1.6.1 (chaining), 3.1.1.6.2 (reverse chaining).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from assent.spec.fhir.compartments import (
    SUPPORTING_TYPES,
    membership_parameters,
    patient_parameter,
)
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.narrowing import patient_values
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import Refused, malformed, undecidable
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.search_values import known_parameter, read_criterion
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.search_parameters import SearchParameter, find

_MOST_HOPS: Final = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain stands: the resources of one type."""

    resource_type: str
    patients: frozenset[str] | None = None
    """The patients to whom the resources are pinned; None: not pinned."""
    prefix: str = ""
    """What stands before a parameter here, such as `encounter:Encounter.`."""
    hops: int = 0
    can_pin: bool = True
    """Whether further criteria speak of the same resources; not so within `_has`."""


def is_chained(name: str) -> bool:
    """Whether a search parameter's name is a chain, forward or backward."""
    return "." in name or name.startswith("_has:")


def read_chain(
    place: Place, name: str, value: str, rights: Rights, bases: Bases
) -> Iterator[tuple[str, str]]:
    """The criteria to pass on for `name=value` asked at `place`, pins included. Raises Refused (400 or 403)."""
    if place.hops > _MOST_HOPS:
        raise undecidable("A chain of this length", f"at most {_MOST_HOPS} hops")
    if name.startswith("_has:"):
        yield from _read_backward(place, name, value, rights, bases)
        return
    head, dot, rest = name.partition(".")
    if dot:
        yield from _read_forward(place, head, rest, value, rights, bases)
        return
    criterion, text = read_criterion(place.resource_type, name, value, bases)
    yield place.prefix + criterion, text


def searchable_patients(rights: Rights, resource_type: str) -> frozenset[str] | None:
    """The patients whose resources of the type may be searched freely; None: all of the type may.

    Raises Refused (403) where the type may not be searched, or only by constraints or single instances.
    """
    reaches = reaches_or_refusal(rights, resource_type, "s")
    free = [reach for reach in reaches if reach.instance is None and not reach.constraints]
    if any(reach.is_whole for reach in free) or (free and resource_type in SUPPORTING_TYPES):
        return None
    patients = frozenset(patient for reach in free if len(reach.patients) == 1 for patient in reach.patients)
    if not patients:
        raise undecidable(
            f"A chain through {resource_type}",
            "a scope without constraints, for all of a patient's, would allow it",
        )
    return patients


def _read_forward(
    place: Place, head: str, rest: str, value: str, rights: Rights, bases: Bases
) -> Iterator[tuple[str, str]]:
    code, _, wanted = head.partition(":")
    parameter = known_parameter(place.resource_type, code)
    if parameter.kind != "reference":
        raise malformed("Only a reference parameter begins a chain")
    targets = _targets(place, parameter, wanted, rest)
    if len(targets) > 1:
        yield _read_untyped(place, code, rest, value, targets, rights, bases)
        return
    target = targets[0]
    patients = searchable_patients(rights, target)
    typed = f"{code}:{target}" if wanted or len(parameter.targets) > 1 else code
    there = Place(target, patients, f"{place.prefix}{typed}.", place.hops + 1, place.can_pin)
    if patients is not None and not _is_pinned(place, parameter, patients):
        yield _pin(there, parameter, patients)
    yield from read_chain(there, rest, value, rights, bases)


def _targets(place: Place, parameter: SearchParameter, wanted: str, rest: str) -> list[str]:
    """The types that the chain may go to, at least one."""
    if wanted:
        if wanted not in parameter.targets:
            raise malformed("A chain's type is one that the reference may point to")
        return [wanted]
    if _is_owner(place, parameter):
        return ["Patient"]
    following = rest.partition(".")[0].partition(":")[0]
    found = [name for name in sorted(parameter.targets) if following == "_has" or find(name, following)]
    if not found:
        raise malformed("A chain's parameter is one of the type that the reference may point to")
    return found


def _read_untyped(
    place: Place, code: str, rest: str, value: str, targets: list[str], rights: Rights, bases: Bases
) -> tuple[str, str]:
    """The criterion of a chain to several types, of each of which everything is within reach."""
    if is_chained(rest) or any(searchable_patients(rights, target) is not None for target in targets):
        raise undecidable(
            "A chain that may go to several types", f"name the type, as in {code}:{targets[0]}.{rest}"
        )
    read = {read_criterion(target, rest, value, bases) for target in targets}
    if len(read) > 1:
        raise undecidable("A chain that means different things for several types", "name the type")
    criterion, text = read.pop()
    return f"{place.prefix}{code}.{criterion}", text


def _is_owner(place: Place, parameter: SearchParameter) -> bool:
    """Whether `parameter` is the very reference by which the resources at `place` are pinned to patients."""
    owner = patient_parameter(place.resource_type)
    if owner is None or place.patients is None:
        return False
    return parameter.is_single and parameter.paths == owner.paths


def _is_pinned(place: Place, parameter: SearchParameter, patients: frozenset[str]) -> bool:
    return _is_owner(place, parameter) and place.patients is not None and place.patients <= patients


def _pin(there: Place, parameter: SearchParameter, patients: frozenset[str]) -> tuple[str, str]:
    """The criterion that holds the chain's target to `patients`. Raises Refused where none can."""
    owner = patient_parameter(there.resource_type)
    if not there.can_pin or not parameter.is_single or (owner is None and there.resource_type != "Patient"):
        raise _unproven(there.resource_type)
    if owner is None:
        return f"{there.prefix}_id", ",".join(sorted(patients))
    return f"{there.prefix}{owner.name}", patient_values(patients)


def _read_backward(
    place: Place, name: str, value: str, rights: Rights, bases: Bases
) -> Iterator[tuple[str, str]]:
    parts = name.split(":", 3)
    if len(parts) != 4 or parts[1] not in RESOURCE_TYPES or not parts[3]:
        raise malformed("A reverse chain is written _has:Type:reference:parameter")
    _, source, code, rest = parts
    parameter = known_parameter(source, code)
    if parameter.kind != "reference" or place.resource_type not in parameter.targets:
        raise malformed("A reverse chain's reference points to the type that is searched")
    patients = searchable_patients(rights, source)
    if patients is not None and not _comes_from_members(place, parameter, source, patients):
        raise _unproven(source)
    prefix = f"{place.prefix}_has:{source}:{code}:"
    yield from read_chain(
        Place(source, None, prefix, place.hops + 1, can_pin=False), rest, value, rights, bases
    )


def _comes_from_members(
    place: Place, parameter: SearchParameter, source: str, patients: frozenset[str]
) -> bool:
    """Whether what refers to the patients at `place` by `parameter` lies in their compartments, within reach."""
    paths = {path for member in membership_parameters(source) for path in member.paths}
    return (
        place.resource_type == "Patient"
        and place.patients is not None
        and place.patients <= patients
        and bool(parameter.paths)
        and paths.issuperset(parameter.paths)
    )


def _unproven(resource_type: str) -> Refused:
    return undecidable(
        f"A chain that may reach {resource_type} of other patients",
        "search from the patient, or by a reference with one value",
    )
