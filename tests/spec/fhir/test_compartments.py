"""Whose a resource is."""

import pytest

from assent.spec.fhir.compartments import (
    SUPPORTING_TYPES,
    is_member_type,
    membership_parameters,
    named_patients,
    patient_parameter,
    patients_of,
    provenance_targets,
)
from assent.spec.fhir.facts_compartment import PATIENT_COMPARTMENT
from assent.spec.identifiers import Reference
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.search_parameters import parameters_of
from spec.fhir.cases import BASES, PUBLIC, observation, of_type, patient


def ref(text: str) -> dict[str, str]:
    return {"reference": text}


@pytest.mark.parametrize(
    ("resource", "patients"),
    [
        (patient("1"), {"1"}),
        (patient("1", link=[{"other": ref("Patient/2")}]), {"1"}),
        (observation("o", "1"), {"1"}),
        (observation("o", "1", performer=[ref("Patient/2")]), {"1", "2"}),
        (observation("o", "1", encounter=ref("Encounter/e")), {"1"}),
        (of_type("Observation", subject=ref(f"{PUBLIC}/Patient/1")), {"1"}),
        (of_type("Observation", subject=ref("http://upstream:8080/fhir/Patient/1")), {"1"}),
        (of_type("Observation", subject=ref("Patient/1/_history/2")), {"1"}),
        (of_type("Observation", subject=ref("http://elsewhere.example/fhir/Patient/1")), set()),
        (of_type("Observation", subject=ref("https://gateway.example/fhirx/Patient/1")), set()),
        (of_type("Observation", subject=ref("https://gateway.example/fhir.Patient/1")), set()),
        (of_type("Observation", subject=ref("Group/1")), set()),
        (of_type("Observation", subject=ref("Patient?identifier=1")), set()),
        (of_type("Observation", subject=ref("urn:uuid:1")), set()),
        (of_type("Observation", subject={"identifier": {"value": "1"}, "type": "Patient"}), set()),
        (of_type("Observation", subject=ref("#p"), contained=[patient("p"), patient("1")]), set()),
        (of_type("Observation", subject="Patient/1"), set()),
        (of_type("Observation", extension=[{"url": "x", "valueReference": ref("Patient/1")}]), set()),
        (of_type("Observation"), set()),
        (
            of_type("Appointment", participant=[{"actor": ref("Patient/1")}, {"actor": ref("Patient/2")}]),
            {"1", "2"},
        ),
        (of_type("Group", member=[{"entity": ref("Patient/1")}, {"entity": ref("Practitioner/2")}]), {"1"}),
        (of_type("RelatedPerson", patient=ref("Patient/1")), {"1"}),
        (of_type("Person", link=[{"target": ref("Patient/1")}]), {"1"}),
        (of_type("Coverage", beneficiary=ref("Patient/1"), payor=[ref("Organization/1")]), {"1"}),
        (of_type("Device", patient=ref("Patient/1")), {"1"}),
        (of_type("Task", **{"for": ref("Patient/1"), "owner": ref("Patient/2")}), {"1"}),
        (of_type("Provenance", target=[ref("Patient/1")]), {"1"}),
        (of_type("Provenance", target=[ref("Observation/1")]), set()),
        (
            of_type("AuditEvent", agent=[{"who": ref("Patient/1")}], entity=[{"what": ref("Patient/2")}]),
            {"1", "2"},
        ),
        (of_type("Binary", securityContext=ref("Patient/1")), set()),
        (of_type("Practitioner"), set()),
        (of_type("Nonsense", subject=ref("Patient/1")), set()),
        ({"subject": ref("Patient/1")}, set()),
    ],
)
def test_a_resource_belongs_to_the_patients_whom_its_membership_elements_name(resource, patients):
    assert patients_of(resource, BASES) == patients


def test_a_written_patient_names_those_it_links_to():
    assert named_patients(patient("1", link=[{"other": ref("Patient/2")}]), BASES) == {"1", "2"}


@pytest.mark.parametrize(
    ("targets", "known"),
    [
        ([ref("Observation/1"), ref("Condition/2/_history/1")], [("Observation", "1"), ("Condition", "2")]),
        ([ref("Observation/1"), ref("http://elsewhere.example/Observation/2")], [("Observation", "1")]),
        ([ref("Observation/1"), ref("Patient/2")], []),
        ([], []),
    ],
)
def test_a_provenance_that_names_no_patient_says_what_it_is_about(targets, known):
    expected = tuple(Reference(*pair) for pair in known)
    assert provenance_targets(of_type("Provenance", target=targets), BASES) == expected
    assert provenance_targets(of_type("List", target=targets), BASES) == ()


def test_every_member_type_but_patient_is_narrowed_by_a_parameter_on_its_membership_elements():
    for name in (*PATIENT_COMPARTMENT, "Contract", "Device", "GuidanceResponse", "Task"):
        parameter = patient_parameter(name)
        if name == "Patient":
            assert parameter is None
            continue
        assert parameter is not None
        assert "Patient" in parameter.targets
        membership = {path for member in membership_parameters(name) for path in member.paths}
        assert membership.issuperset(parameter.paths)


def test_every_parameter_of_the_compartment_definition_is_known_with_its_elements():
    for name, parameters in PATIENT_COMPARTMENT.items():
        if name == "Patient":
            continue
        assert [parameter.name for parameter in membership_parameters(name)] == list(parameters)
        assert all(parameter.paths for parameter in membership_parameters(name))


def test_supporting_types_are_known_types_outside_every_patients_compartment():
    assert SUPPORTING_TYPES <= RESOURCE_TYPES
    assert not any(is_member_type(name) for name in SUPPORTING_TYPES)
    assert all(
        "Patient" not in parameter.targets for name in SUPPORTING_TYPES for parameter in _references(name)
    )


def _references(resource_type):
    known = parameters_of(resource_type).values()
    return [one for one in known if one.kind == "reference" and one.targets != RESOURCE_TYPES]
