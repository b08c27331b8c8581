"""What holds for arbitrary rights and resources, checked against a plain reading of the rules."""

from hypothesis import given
from hypothesis import strategies as st

from assent.spec.fhir.bundles import answer_bundle
from assent.spec.fhir.decide import decide
from assent.spec.fhir.interactions import FhirRequest
from assent.spec.fhir.refusals import Refused
from assent.spec.fhir.rights import VERBS, Rights
from assent.spec.fhir.visibility import Visibility
from assent.spec.permissions import Power
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope
from spec.fhir.cases import BASES, PUBLIC, fulfils, no_link, searchset

PATIENTS = ["1", "2", "3"]
LETTERS = "cruds"

resource_scopes = st.builds(
    ResourceScope,
    st.sampled_from(["patient", "user", "system"]),
    st.sampled_from(["*", "Observation", "Patient", "Practitioner"]),
    st.sets(st.sampled_from(LETTERS), min_size=1).map(
        lambda held: "".join(one for one in LETTERS if one in held)
    ),
    st.sampled_from([(), (), (("category", "a"),), (("category", "b"),), (("status", "final"),)]),
)
powers = st.builds(
    Power,
    st.sampled_from(["read", "write", "delete"]),
    st.sampled_from(["*", "Observation", "Patient"]),
    st.sampled_from([None, None, "Patient/1", "Patient/2", "Encounter/1"]),
) | st.builds(
    Power, st.sampled_from(["read", "write"]), st.just("Observation"), instance=st.just("Observation/o1")
)
all_rights = st.builds(
    Rights,
    st.lists(resource_scopes, max_size=3).map(ScopeSet.of),
    st.lists(powers, max_size=3).map(tuple),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from(["person", "client"]),
)


@st.composite
def observations(draw):
    """An Observation about a patient or nobody, performed perhaps by another."""
    resource = {"resourceType": "Observation", "id": draw(st.sampled_from(["o1", "o2"]))}
    if subject := draw(st.sampled_from([None, *PATIENTS])):
        resource["subject"] = {"reference": draw(st.sampled_from(["", f"{PUBLIC}/"])) + f"Patient/{subject}"}
    if performer := draw(st.sampled_from([None, None, *PATIENTS])):
        resource["performer"] = [{"reference": f"Patient/{performer}"}]
    if category := draw(st.sampled_from([None, "a", "b"])):
        resource["category"] = [{"coding": [{"code": category}]}]
    resource["status"] = draw(st.sampled_from(["final", "amended"]))
    return resource


resources = (
    observations()
    | st.sampled_from(PATIENTS).map(lambda id_: {"resourceType": "Patient", "id": id_})
    | st.just({"resourceType": "Practitioner", "id": "p"})
    | st.just({"resourceType": "Binary", "id": "b"})
)


def owners(resource):
    """The patients whose the resource is, by how these tests made it."""
    if resource["resourceType"] == "Patient":
        return {resource["id"]}
    references = [resource.get("subject"), *resource.get("performer", [])]
    return {one["reference"].rpartition("/")[2] for one in references if one}


def is_in(resource, patient):
    return resource["resourceType"] == "Practitioner" or patient in owners(resource)


def says(resource, constraints):
    """Whether the resource fulfils constraints, by how these tests made it."""
    held = {"status": resource.get("status")}
    if resource.get("category"):
        held["category"] = resource["category"][0]["coding"][0]["code"]
    return all(held.get(name) == value for name, value in constraints)


def scope_allows(scope, rights, resource, letter):
    """The scope's half, read plainly."""
    named = scope.resource_type in ("*", resource["resourceType"]) and letter in scope.interactions
    if not named or not says(resource, scope.parameters):
        return False
    if scope.context == "user":
        return True
    if scope.context == "system":
        return rights.acting == "client"
    if rights.patient is None:
        return rights.acting == "client"
    return is_in(resource, rights.patient)


def power_allows(power, resource, letter):
    """The permission's half, read plainly."""
    return (
        power.verb == VERBS[letter]
        and power.resource_type in ("*", resource["resourceType"])
        and power.instance in (None, f"{resource['resourceType']}/{resource['id']}")
        and (
            power.within is None
            or (power.within.startswith("Patient/") and is_in(resource, power.within[8:]))
        )
    )


@given(all_rights, resources, st.sampled_from(LETTERS))
def test_what_passes_is_allowed_by_a_scope_and_by_a_power(rights, resource, letter):
    if Visibility(rights, BASES).allows(resource, letter):
        assert any(scope_allows(scope, rights, resource, letter) for scope in rights.scopes.resources)
        assert any(power_allows(power, resource, letter) for power in rights.powers)


@given(all_rights, resources, st.sampled_from("rs"))
def test_reading_passes_exactly_what_a_scope_and_a_power_allow(rights, resource, letter):
    expected = any(
        scope_allows(scope, rights, resource, letter) for scope in rights.scopes.resources
    ) and any(power_allows(power, resource, letter) for power in rights.powers)
    assert Visibility(rights, BASES).allows(resource, letter) == expected


@given(
    all_rights,
    st.lists(resource_scopes, max_size=2),
    st.lists(powers, max_size=2),
    resources,
    st.sampled_from(LETTERS),
)
def test_taking_scopes_and_powers_away_never_widens(rights, more_scopes, more_powers, resource, letter):
    wider = Rights(
        ScopeSet.of((*rights.scopes, *more_scopes)),
        (*rights.powers, *more_powers),
        rights.patient,
        rights.acting,
    )
    if Visibility(rights, BASES).allows(resource, letter):
        assert Visibility(wider, BASES).allows(resource, letter)


@given(all_rights, resources, st.sampled_from("cu"))
def test_what_is_stored_names_no_patient_out_of_reach(rights, resource, letter):
    if Visibility(rights, BASES).accepts(resource, letter):
        reaches = rights.reaches(resource["resourceType"], letter)
        anyones = any(not reach.patients for reach in reaches)
        assert anyones or owners(resource) <= {patient for reach in reaches for patient in reach.patients}


ASKED = [
    ("patient", "1"),
    ("subject", "Patient/2"),
    ("status", "final"),
    ("category", "a"),
    ("performer", "Patient/1"),
]


def is_found(resource, parameters):
    """Whether a FHIR server finds the resource: every criterion holds."""
    return fulfils(resource, tuple(pair for pair in parameters if pair[0] != "_sort"))


@given(all_rights, observations(), st.lists(st.sampled_from(ASKED), max_size=2))
def test_narrowing_never_widens_and_an_exact_search_finds_only_what_is_allowed(rights, resource, asked):
    try:
        decision = decide(FhirRequest("search_type", "Observation", parameters=tuple(asked)), rights, BASES)
    except Refused:
        assert not Visibility(rights, BASES).allows(resource, "s")
        return
    if is_found(resource, decision.parameters):
        assert is_found(resource, asked)
        assert not decision.exact or Visibility(rights, BASES).allows(resource, "s")


@given(all_rights, observations(), st.lists(st.sampled_from(ASKED), max_size=2))
def test_a_search_finds_all_that_is_allowed_and_about_the_patient(rights, resource, asked):
    reaches = rights.reaches("Observation", "s")
    about = {reach for reach in reaches if reach.instance is None and len(reach.patients) <= 1}
    if about != set(reaches) or not Visibility(rights, BASES).allows(resource, "s"):
        return
    decision = decide(FhirRequest("search_type", "Observation", parameters=tuple(asked)), rights, BASES)
    subject = resource.get("subject", {}).get("reference", "").rpartition("/")[2]
    is_about = any(reach.patients <= {subject} for reach in about)
    if is_about and is_found(resource, asked):
        assert is_found(resource, decision.parameters)


@given(all_rights, st.lists(resources, max_size=6), st.sampled_from(["Observation", "Patient"]))
def test_an_answer_holds_only_what_a_read_or_a_search_would_show(rights, found, resource_type):
    try:
        decision = decide(FhirRequest("search_type", resource_type), rights, BASES)
    except Refused:
        return
    shown = answer_bundle(decision, searchset(*found, total=len(found)), PUBLIC, no_link)
    visible = Visibility(rights, BASES)
    for entry in shown.get("entry", ()):
        assert visible.allows(entry["resource"], "r") or visible.allows(entry["resource"], "s")
    assert "total" not in shown or shown["total"] == len(shown.get("entry", ()))
