"""Whose a resource is: the patients in whose compartment it lies, decided from its content.

Owns membership. A resource lies in a patient's compartment when a reference that R4's definition of the patient
compartment names points to her. What we hold differently:

* A Patient lies in her own compartment only. `Patient.link` gives no access to a linked record: linked records
  may be another person's (a mistaken or contested merge), so that a link has to be granted as a record of its own.
* Contract, Device, GuidanceResponse and Task, which R4 leaves outside, count by their `patient` parameter.
* Some types hold no patient's data (`SUPPORTING_TYPES`); who may read a patient's record may read them, with a
  scope for the type (docs/decisions/0010-supporting-resources.md).
* Any other type (Binary, Bundle, Parameters, Subscription …) lies in no compartment.

Sources: FHIR R4 CompartmentDefinition/patient; SMART App Launch 2.2 (`patient/` scopes).
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from assent.spec.fhir.elements import values_at
from assent.spec.fhir.facts_compartment import PATIENT_COMPARTMENT
from assent.spec.fhir.references import Bases, target_of
from assent.spec.identifiers import Reference
from assent.spec.search_parameters import SearchParameter, find

_ADDED: Final = ("Contract", "Device", "GuidanceResponse", "Task")

SUPPORTING_TYPES: Final = frozenset(
    {
        "CodeSystem",
        "ConceptMap",
        "Endpoint",
        "HealthcareService",
        "InsurancePlan",
        "Location",
        "Medication",
        "MedicationKnowledge",
        "NamingSystem",
        "Organization",
        "OrganizationAffiliation",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "StructureDefinition",
        "ValueSet",
    }
)
"""Types that hold no patient's data and that patients' records refer to."""

REPRESENTING_TYPES: Final = frozenset({"Person", "RelatedPerson"})
"""Types of which `assent.fhir.people` reads whose records a person may see: who writes them gives powers."""


def is_member_type(resource_type: str) -> bool:
    """Whether resources of this type can lie in a patient's compartment."""
    return resource_type in PATIENT_COMPARTMENT or resource_type in _ADDED


@cache
def membership_parameters(resource_type: str) -> tuple[SearchParameter, ...]:
    """The reference parameters that place a resource of this type in a patient's compartment; none for Patient."""
    if resource_type == "Patient":
        return ()
    return _compartment_parameters(resource_type)


@cache
def patient_parameter(resource_type: str) -> SearchParameter | None:
    """The one parameter by which a search of this type is narrowed to patients; None for Patient and non-members.

    It is `patient` wherever the type has it (US Core asks it of servers), else the definition's first.
    """
    known = membership_parameters(resource_type)
    return find(resource_type, "patient") or known[0] if known else None


def patients_of(resource: Mapping[str, Any], bases: Bases) -> frozenset[str]:
    """The ids of the patients in whose compartment `resource` lies; none for a type that cannot be a member."""
    resource_type = resource.get("resourceType")
    if resource_type == "Patient":
        own = resource.get("id")
        return frozenset((own,)) if isinstance(own, str) else frozenset()
    if not isinstance(resource_type, str):
        return frozenset()
    return frozenset(_patients_at(resource, membership_parameters(resource_type), bases))


def named_patients(resource: Mapping[str, Any], bases: Bases) -> frozenset[str]:
    """All patients that membership could ever see named in `resource`, a Patient's links included.

    What is written into a record must name nobody else: that would place data in another patient's record.
    """
    resource_type = resource.get("resourceType")
    if not isinstance(resource_type, str):
        return frozenset()
    linked = frozenset(_patients_at(resource, _compartment_parameters(resource_type), bases))
    return linked | patients_of(resource, bases)


def provenance_targets(resource: Mapping[str, Any], bases: Bases) -> tuple[Reference, ...]:
    """What a Provenance that names no Patient is about, in its order; none for other resources.

    R4 places a Provenance in a compartment only by a target that is the Patient, while most are about other
    resources of hers, many at once: those follow what they are about.
    """
    if resource.get("resourceType") != "Provenance" or patients_of(resource, bases):
        return ()
    targets = (target_of(value, bases) for value in values_at(resource, "target*"))
    return tuple(dict.fromkeys(target for target in targets if target is not None))


@cache
def _compartment_parameters(resource_type: str) -> tuple[SearchParameter, ...]:
    names = ("patient",) if resource_type in _ADDED else PATIENT_COMPARTMENT.get(resource_type, ())
    return tuple(parameter for name in names if (parameter := find(resource_type, name)) is not None)


def _patients_at(
    resource: Mapping[str, Any], parameters: Iterable[SearchParameter], bases: Bases
) -> Iterator[str]:
    for path in dict.fromkeys(path for parameter in parameters for path in parameter.paths):
        for value in values_at(resource, path):
            target = target_of(value, bases)
            if target is not None and target.resource_type == "Patient":
                yield target.id
