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
from assent.spec.fhir.matching import Content
from assent.spec.fhir.reaches import Way
from assent.spec.fhir.references import Bases
from assent.spec.fhir.rights import Letter, Rights
from assent.spec.identifiers import Reference

Resource = Mapping[str, Any]
NOTHING_VOUCHED: frozenset[Reference] = frozenset()


@dataclass(frozen=True, slots=True)
class Visibility:
    """`rights` at the FHIR server that answers at `bases`."""

    rights: Rights
    bases: Bases

    def allows(
        self, resource: Resource, letter: Letter, vouched: frozenset[Reference] = NOTHING_VOUCHED
    ) -> bool:
        """Whether `resource` may be used under `letter`.

        `vouched` are resources known to be allowed: a Provenance that is about one of them is allowed too.
        """
        resource_type = resource.get("resourceType")
        if not isinstance(resource_type, str):
            return False
        content = Content(resource, self.bases)
        owners = patients_of(resource, self.bases)
        return any(
            self._is_within(content, way, owners, vouched) for way in self.rights.ways(resource_type, letter)
        )

    def shows(self, resource: Resource, vouched: frozenset[Reference] = NOTHING_VOUCHED) -> bool:
        """Whether `resource` may be shown beside what was asked for: readable, or searchable, on its own."""
        return self.allows(resource, "r", vouched) or self.allows(resource, "s", vouched)

    def accepts(self, resource: Resource, letter: Letter) -> bool:
        """Whether `resource`, as it was sent, may be stored: within the rights and naming no other patient."""
        if not self.allows(resource, letter):
            return False
        content = Content(resource, self.bases)
        owners = patients_of(resource, self.bases)
        ways = self.rights.ways(str(resource["resourceType"]), letter)
        if any(not way.patients and self._is_within(content, way, owners, NOTHING_VOUCHED) for way in ways):
            return True
        reached = frozenset(patient for way in ways for patient in way.patients)
        return named_patients(resource, self.bases) <= reached

    def vouchers_needed(self, resource: Resource, letter: Letter) -> tuple[Reference, ...]:
        """Resources of which one, if it is allowed, makes `resource` allowed; none where that cannot help."""
        targets = provenance_targets(resource, self.bases)
        if not targets or self.allows(resource, letter):
            return ()
        return targets if self.allows(resource, letter, frozenset(targets)) else ()

    def _is_within(
        self, content: Content, way: Way, owners: frozenset[str], vouched: frozenset[Reference]
    ) -> bool:
        """Whether the resource, whose `owners` are, lies within one of the reaches of `way`."""
        return (
            (way.instance is None or content.resource.get("id") == way.instance)
            and self._is_whose(content.resource, way, owners, vouched)
            and any(content.fulfils(clauses) for clauses in way.conditions)
        )

    def _is_whose(
        self, resource: Resource, way: Way, owners: frozenset[str], vouched: frozenset[Reference]
    ) -> bool:
        if way.patients <= owners or resource["resourceType"] in SUPPORTING_TYPES:
            return True
        return bool(vouched) and not vouched.isdisjoint(provenance_targets(resource, self.bases))
