"""Is this very resource within the rights? Asked of every resource that is sent or returned.

Owns that one question, on content alone. A contained resource travels with its container and is never judged on
its own; it grants nothing either.

Sources: SMART App Launch 2.2, scopes-and-launch-context (a scope's constraint holds for read and write as for
search); FHIR R4 CompartmentDefinition/patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.spec.fhir.compartments import (
    SUPPORTING_TYPES,
    named_patients,
    patients_of,
    provenance_targets,
)
from assent.spec.fhir.matching import fulfils
from assent.spec.fhir.references import Bases
from assent.spec.fhir.rights import Letter, Reach, Rights
from assent.spec.identifiers import Reference

NOTHING_VOUCHED: frozenset[Reference] = frozenset()


@dataclass(frozen=True, slots=True)
class Visibility:
    """`rights` at the FHIR server that answers at `bases`."""

    rights: Rights
    bases: Bases

    def allows(
        self, resource: Mapping[str, Any], letter: Letter, vouched: frozenset[Reference] = NOTHING_VOUCHED
    ) -> bool:
        """Whether `resource` may be used under `letter`.

        `vouched` are resources known to be allowed: a Provenance that is about one of them is allowed too.
        """
        resource_type = resource.get("resourceType")
        if not isinstance(resource_type, str):
            return False
        reaches = self.rights.reaches(resource_type, letter)
        return any(self._is_within(resource, reach, vouched) for reach in reaches)

    def shows(self, resource: Mapping[str, Any], vouched: frozenset[Reference] = NOTHING_VOUCHED) -> bool:
        """Whether `resource` may be shown beside what was asked for: readable, or searchable, on its own."""
        return self.allows(resource, "r", vouched) or self.allows(resource, "s", vouched)

    def accepts(self, resource: Mapping[str, Any], letter: Letter) -> bool:
        """Whether `resource`, as it was sent, may be stored: within the rights and naming no other patient."""
        if not self.allows(resource, letter):
            return False
        reaches = self.rights.reaches(str(resource["resourceType"]), letter)
        if any(self._is_within(resource, reach, NOTHING_VOUCHED) and not reach.patients for reach in reaches):
            return True
        reached = frozenset(patient for reach in reaches for patient in reach.patients)
        return named_patients(resource, self.bases) <= reached

    def vouchers_needed(self, resource: Mapping[str, Any], letter: Letter) -> tuple[Reference, ...]:
        """Resources of which one, if it is allowed, makes `resource` allowed; none where that cannot help."""
        targets = provenance_targets(resource, self.bases)
        if not targets or self.allows(resource, letter):
            return ()
        return targets if self.allows(resource, letter, frozenset(targets)) else ()

    def _is_within(self, resource: Mapping[str, Any], reach: Reach, vouched: frozenset[Reference]) -> bool:
        return (
            (reach.instance is None or resource.get("id") == reach.instance)
            and self._is_whose(resource, reach, vouched)
            and fulfils(resource, reach.constraints, self.bases)
        )

    def _is_whose(self, resource: Mapping[str, Any], reach: Reach, vouched: frozenset[Reference]) -> bool:
        if not reach.patients or resource["resourceType"] in SUPPORTING_TYPES:
            return True
        if reach.patients <= patients_of(resource, self.bases):
            return True
        return not vouched.isdisjoint(provenance_targets(resource, self.bases))
