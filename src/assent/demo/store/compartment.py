"""The patient compartment: which resources are about a patient, and `$everything` about one.

Owns: this store's own copy of the facts; the gateway has another, so that a mistake in one does not hide in the other.
Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html, patient-operation-everything.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from assent.demo.store.resources import Resources, Version
from assent.demo.store.search.criteria import CompartmentCriterion, find_parameter
from assent.demo.store.search.selection import select

PATIENT_COMPARTMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "Account": ("subject",),
    "AdverseEvent": ("subject",),
    "AllergyIntolerance": ("patient", "recorder", "asserter"),
    "Appointment": ("actor",),
    "AppointmentResponse": ("actor",),
    "AuditEvent": ("patient",),
    "Basic": ("patient", "author"),
    "BodyStructure": ("patient",),
    "CarePlan": ("patient", "performer"),
    "CareTeam": ("patient", "participant"),
    "ChargeItem": ("subject",),
    "Claim": ("patient", "payee"),
    "ClaimResponse": ("patient",),
    "ClinicalImpression": ("subject",),
    "Communication": ("subject", "sender", "recipient"),
    "CommunicationRequest": ("subject", "sender", "recipient", "requester"),
    "Composition": ("subject", "author", "attester"),
    "Condition": ("patient", "asserter"),
    "Consent": ("patient",),
    "Coverage": ("policy-holder", "subscriber", "beneficiary", "payor"),
    "CoverageEligibilityRequest": ("patient",),
    "CoverageEligibilityResponse": ("patient",),
    "DetectedIssue": ("patient",),
    "DeviceRequest": ("subject", "performer"),
    "DeviceUseStatement": ("subject",),
    "DiagnosticReport": ("subject",),
    "DocumentManifest": ("subject", "author", "recipient"),
    "DocumentReference": ("subject", "author"),
    "Encounter": ("subject",),
    "EnrollmentRequest": ("subject",),
    "EpisodeOfCare": ("patient",),
    "ExplanationOfBenefit": ("patient", "payee"),
    "FamilyMemberHistory": ("patient",),
    "Flag": ("patient",),
    "Goal": ("patient",),
    "Group": ("member",),
    "ImagingStudy": ("patient",),
    "Immunization": ("patient",),
    "ImmunizationEvaluation": ("patient",),
    "ImmunizationRecommendation": ("patient",),
    "Invoice": ("subject", "patient", "recipient"),
    "List": ("subject", "source"),
    "MeasureReport": ("patient",),
    "Media": ("subject",),
    "MedicationAdministration": ("patient", "performer", "subject"),
    "MedicationDispense": ("subject", "patient", "receiver"),
    "MedicationRequest": ("subject",),
    "MedicationStatement": ("subject",),
    "MolecularSequence": ("patient",),
    "NutritionOrder": ("patient",),
    "Observation": ("subject", "performer"),
    "Patient": ("link",),
    "Person": ("patient",),
    "Procedure": ("patient", "performer"),
    "Provenance": ("patient",),
    "QuestionnaireResponse": ("subject", "author"),
    "RelatedPerson": ("patient",),
    "RequestGroup": ("subject", "participant"),
    "ResearchSubject": ("individual",),
    "RiskAssessment": ("subject",),
    "Schedule": ("actor",),
    "ServiceRequest": ("subject", "performer"),
    "Specimen": ("subject",),
    "SupplyDelivery": ("patient",),
    "SupplyRequest": ("subject",),
    "Task": ("patient", "focus"),
    "VisionPrescription": ("patient",),
}
"""Type -> the search parameters that put a resource of it into the compartment; the patient is in it as well."""


def compartment_criterion(resource_type: str, patient_id: str) -> CompartmentCriterion:
    """What a resource of the type must meet to be in the patient's compartment; KeyError for a type that never is."""
    names = PATIENT_COMPARTMENT[resource_type]
    parameters = tuple(find_parameter(resource_type, name) for name in names)
    return CompartmentCriterion(parameters, f"Patient/{patient_id}")


def everything_about(resources: Resources, patient_ids: Iterable[str]) -> Iterator[Version]:
    """The patients' compartments, then what they refer to outside any: practitioners, places, medicines."""
    found: dict[str, Version] = {}
    for patient_id in patient_ids:
        for resource_type in PATIENT_COMPARTMENT:
            criterion = compartment_criterion(resource_type, patient_id)
            found.update((version.key, version) for version in select(resources, resource_type, [criterion]))
    frontier = list(found.values())
    while frontier:
        pointed_to = {target for version in frontier for target in resources.targets(version)}
        frontier = [
            version
            for target in sorted(pointed_to - found.keys())
            if target.partition("/")[0] not in PATIENT_COMPARTMENT
            and (version := resources.get(*target.split("/")))
        ]
        found.update((version.key, version) for version in frontier)
    yield from found.values()
