"""The facts of FHIR R4's search parameters, and values found by their paths."""

import pytest

from assent.spec.fhir.elements import values_at
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.search_parameters import find, parameters_of


@pytest.mark.parametrize(
    ("resource_type", "name", "kind", "paths", "targets"),
    [
        ("Observation", "patient", "reference", ("subject",), {"Patient"}),
        ("Observation", "subject", "reference", ("subject",), {"Device", "Group", "Location", "Patient"}),
        ("Observation", "category", "token", ("category*",), set()),
        ("Observation", "date", "date", ("effective[x]",), set()),
        ("Observation", "value-concept", "token", ("valueCodeableConcept",), set()),
        ("Patient", "email", "token", ("telecom*[system=email]",), set()),
        ("Patient", "deceased", "token", (), set()),
        ("Appointment", "patient", "reference", ("participant*.actor",), {"Patient"}),
        ("MedicationRequest", "medication", "reference", ("medicationReference",), {"Medication"}),
        ("Organization", "name", "string", ("name", "alias*"), set()),
        ("Provenance", "target", "reference", ("target*",), RESOURCE_TYPES),
        ("Location", "near", "special", ("position",), set()),
        ("CareTeam", "role", "token", ("participant*.role*",), set()),
        ("Medication", "_lastUpdated", "date", ("meta.lastUpdated",), set()),
    ],
)
def test_a_parameter_is_known_with_its_elements_and_targets(resource_type, name, kind, paths, targets):
    parameter = find(resource_type, name)
    assert parameter is not None
    assert (parameter.kind, parameter.paths, parameter.targets) == (kind, paths, targets)


def test_every_resource_type_has_the_common_parameters_and_no_type_is_made_up():
    assert all(find(name, "_id") for name in RESOURCE_TYPES)
    assert parameters_of("Nonsense") == {}
    assert find("Observation", "nonsense") is None


def test_more_than_a_thousand_parameters_and_their_targets_are_known_types():
    known = [parameter for name in RESOURCE_TYPES for parameter in parameters_of(name).values()]
    assert len(known) > 2000
    assert all(parameter.targets <= RESOURCE_TYPES for parameter in known)
    assert all(
        parameter.targets or parameter.kind != "reference"
        for parameter in known
        if parameter.name != "instantiates-canonical"
    )


RESOURCE = {
    "resourceType": "Observation",
    "category": [{"coding": [{"code": "a"}]}, {"coding": [{"code": "b"}, {"code": "c"}]}],
    "effectiveDateTime": "2020",
    "effective": "not FHIR",
    "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "x@y"}],
    "note": "a text where a list of objects is expected",
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("category*.coding*.code", ["a", "b", "c"]),
        ("effective[x]", ["2020"]),
        ("telecom*[system=email].value", ["x@y"]),
        ("note*.text", []),
        ("absent.deeper", []),
    ],
)
def test_values_are_found_by_their_path(path, values):
    assert list(values_at(RESOURCE, path)) == values
