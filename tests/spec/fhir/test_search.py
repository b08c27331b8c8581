"""Searches: what is understood, how they are narrowed, which chains are passed on."""

import pytest

from assent.spec.permissions import Power, own_powers
from spec.fhir.cases import ALL_READ, OWN, PUBLIC, allowed, refused, rights

OWN_ALL = rights("patient/*.rs")
LEE = rights("user/*.rs", ALL_READ, patient=None)
JONAS = rights("user/*.rs", own_powers(["a", "b"]), patient=None)
LAB_AND_VITALS = rights(
    "patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs"
)

NARROWED = [
    (OWN_ALL, "Patient", "_id=1"),
    (OWN_ALL, "Patient?name=amy", "name=amy&_id=1"),
    (OWN_ALL, "Patient?_id=2", "_id=2&_id=1"),
    (OWN_ALL, "Observation", "patient=Patient/1"),
    (OWN_ALL, "Observation?patient=1", "patient=Patient/1"),
    (OWN_ALL, "Observation?patient=Patient/1&code=x", "patient=Patient/1&code=x"),
    (OWN_ALL, f"Observation?patient={PUBLIC}/Patient/1", "patient=Patient/1"),
    (OWN_ALL, "Observation?patient=2", "patient=Patient/2&patient=Patient/1"),
    (OWN_ALL, "Observation?patient=1,2", "patient=Patient/1,Patient/2&patient=Patient/1"),
    (OWN_ALL, "Observation?subject:Patient=1", "subject=Patient/1&patient=Patient/1"),
    (OWN_ALL, "Observation?performer=Patient/1", "performer=Patient/1"),
    (OWN_ALL, "Observation?performer=Patient/2", "performer=Patient/2&patient=Patient/1"),
    (OWN_ALL, "Observation?performer=Patient/1,Patient/2", "performer=Patient/1,Patient/2&patient=Patient/1"),
    (OWN_ALL, "Observation?performer:missing=true", "performer:missing=true&patient=Patient/1"),
    (OWN_ALL, "Appointment", "patient=Patient/1"),
    (OWN_ALL, "AdverseEvent", "subject=Patient/1"),
    (OWN_ALL, "Group", "member=Patient/1"),
    (OWN_ALL, "Coverage?payor=Organization/1", "payor=Organization/1&patient=Patient/1"),
    (OWN_ALL, "Practitioner?name=lee", "name=lee"),
    (OWN_ALL, "Patient/1/Observation?code=x", "patient=Patient/1&code=x"),
    (OWN_ALL, "Patient/2/Observation?code=x", "patient=Patient/2&code=x&patient=Patient/1"),
    (LEE, "Observation?patient=2", "patient=Patient/2"),
    (LEE, "Patient", ""),
    (LEE, "Patient/2/Observation", "patient=Patient/2"),
    (JONAS, "Patient", "_id=a,b"),
    (JONAS, "Observation", "patient=Patient/a,Patient/b"),
    (rights("patient/*.rs", own_powers(["a", "b"]), patient="a"), "Observation", "patient=Patient/a"),
    (LAB_AND_VITALS, "Observation?code=x", "code=x&patient=Patient/1&category=laboratory,vital-signs"),
    (
        rights("patient/Observation.rs?category=laboratory&status=final"),
        "Observation",
        "patient=Patient/1&category=laboratory&status=final",
    ),
    (rights("user/Patient.rs", (Power("read", "Patient", instance="Patient/5"),)), "Patient", "_id=5"),
    (
        rights("user/Observation.rs", (Power("read", "Observation", instance="Observation/5"),)),
        "Observation",
        "_id=5",
    ),
    (rights("patient/*.rs", ALL_READ, patient=None, acting="client"), "Observation", ""),
    (rights("system/*.rs", ALL_READ, patient=None, acting="client"), "Observation", ""),
]


def query(pairs):
    return "&".join(f"{name}={value}" for name, value in pairs)


@pytest.mark.row("S8")
@pytest.mark.parametrize(("held", "target", "narrowed"), NARROWED)
def test_a_search_is_narrowed_to_the_rights(held, target, narrowed):
    decision = allowed("GET", target, held)
    assert query(decision.parameters) == narrowed
    assert decision.exact


WIDER = [
    (
        rights("patient/Observation.rs?category=laboratory patient/Observation.rs?code=x"),
        "patient=Patient/1",
    ),
    (
        rights(
            "patient/Observation.rs?category=a&status=final patient/Observation.rs?category=b&status=amended"
        ),
        "patient=Patient/1&category=a,b&status=final,amended",
    ),
    (rights("patient/Observation.rs user/Observation.rs?category=a", ALL_READ), ""),
    (
        rights("user/Observation.rs?category=a user/Observation.rs?code=x", own_powers(["a", "b"])),
        "patient=Patient/a,Patient/b",
    ),
    (rights("patient/Observation.rs", own_powers(["2"])), "patient=Patient/1,Patient/2"),
    (
        rights("patient/Observation.rs?category=a user/Observation.rs?category=b", own_powers(["1", "2"])),
        "patient=Patient/1,Patient/2&category=a,b",
    ),
]


@pytest.mark.row("S6")
@pytest.mark.parametrize(("held", "narrowed"), WIDER)
def test_a_union_that_no_search_can_say_is_left_wider_and_marked(held, narrowed):
    decision = allowed("GET", "Observation?_total=accurate", held)
    assert query(decision.parameters) == narrowed
    assert not decision.exact
    assert refused("GET", "Observation?_summary=count", held).status == 403


PASSED_ON = [
    (OWN_ALL, "Observation?patient.name=amy", "patient.name=amy&patient=Patient/1"),
    (OWN_ALL, "Observation?subject:Patient.name=amy", "subject:Patient.name=amy&patient=Patient/1"),
    (OWN_ALL, "Observation?subject.name=amy", "subject:Patient.name=amy&patient=Patient/1"),
    (OWN_ALL, "Observation?performer:Practitioner.name=x", "performer:Practitioner.name=x&patient=Patient/1"),
    (OWN_ALL, "MedicationRequest?medication.code=x", "medication.code=x&patient=Patient/1"),
    (OWN_ALL, "Patient?general-practitioner.identifier=x", "general-practitioner.identifier=x&_id=1"),
    (
        OWN_ALL,
        "Observation?encounter:Encounter.class=AMB",
        "encounter:Encounter.patient=Patient/1&encounter:Encounter.class=AMB&patient=Patient/1",
    ),
    (
        OWN_ALL,
        "Observation?encounter:Encounter.subject:Patient.birthdate=2000",
        "encounter:Encounter.patient=Patient/1&encounter:Encounter.subject:Patient.birthdate=2000&patient=Patient/1",
    ),
    (
        OWN_ALL,
        "Observation?encounter:Encounter.location.name=x",
        "encounter:Encounter.patient=Patient/1&encounter:Encounter.location.name=x&patient=Patient/1",
    ),
    (
        OWN_ALL,
        "Observation?performer=Patient/1&subject:Patient.name=x",
        "performer=Patient/1&subject:Patient._id=1&subject:Patient.name=x",
    ),
    (OWN_ALL, "Patient?_has:Observation:patient:code=x", "_has:Observation:patient:code=x&_id=1"),
    (OWN_ALL, "Patient?_has:Observation:performer:code=x", "_has:Observation:performer:code=x&_id=1"),
    (
        OWN_ALL,
        "Observation?patient._has:Condition:patient:code=x",
        "patient._has:Condition:patient:code=x&patient=Patient/1",
    ),
    (
        OWN_ALL,
        "Patient?_has:Observation:patient:performer:Practitioner.name=x",
        "_has:Observation:patient:performer:Practitioner.name=x&_id=1",
    ),
    (
        OWN_ALL,
        "Practitioner?_has:PractitionerRole:practitioner:specialty=x",
        "_has:PractitionerRole:practitioner:specialty=x",
    ),
    (
        LEE,
        "Practitioner?_has:Observation:performer:patient=2",
        "_has:Observation:performer:patient=Patient/2",
    ),
    (LEE, "Observation?performer:Patient.name=x", "performer:Patient.name=x"),
    (LEE, "Observation?performer.name=x", "performer.name=x"),
    (JONAS, "Patient?_has:Observation:patient:code=x", "_has:Observation:patient:code=x&_id=a,b"),
]


@pytest.mark.parametrize(("held", "target", "narrowed"), PASSED_ON)
def test_a_chain_within_the_rights_is_passed_on_pinned(held, target, narrowed):
    assert query(allowed("GET", target, held).parameters) == narrowed


OBSERVATION_ONLY = rights("patient/Observation.rs")
PROBES = [
    # a type that is reached and is out of scope
    (OBSERVATION_ONLY, "Observation?patient.name=amy"),
    (OBSERVATION_ONLY, "Observation?subject:Patient.birthdate=2000"),
    (OBSERVATION_ONLY, "Observation?performer:Practitioner.name=x"),
    (rights("patient/Observation.rs patient/Patient.r"), "Observation?patient.name=amy"),
    (rights("patient/Patient.rs"), "Patient?_has:Observation:patient:code=x"),
    (rights("patient/Patient.rs patient/Observation.r"), "Patient?_has:Observation:patient:code=x"),
    (
        rights("patient/Patient.rs patient/Observation.s"),
        "Patient?_has:Observation:patient:performer:Practitioner.name=x",
    ),
    (
        rights("patient/Patient.rs patient/Observation.s"),
        "Patient?_has:Observation:patient:_has:AuditEvent:entity:type=x",
    ),
    (rights("user/Observation.rs", ALL_READ), "Observation?patient.name=amy"),
    # granular scopes: the hidden part of a type
    (
        rights("patient/Patient.rs patient/Observation.rs?category=a"),
        "Patient?_has:Observation:patient:code=x",
    ),
    (
        rights("patient/DiagnosticReport.rs patient/Encounter.rs?class=AMB"),
        "DiagnosticReport?encounter.type=x",
    ),
    # other patients by a reference with several values, or from a supporting type
    (OWN_ALL, "Observation?performer:Patient.name=x"),
    (OWN_ALL, "Appointment?actor:Patient.name=x"),
    (OWN_ALL, "Group?member:Patient.name=x"),
    (OWN_ALL, "Observation?has-member:Observation.code=x"),
    (OWN_ALL, "Practitioner?_has:Observation:performer:patient=2"),
    (OWN_ALL, "Practitioner?_has:Observation:performer:code=x"),
    (OWN_ALL, "Location?_has:Encounter:location:patient=2"),
    (OWN_ALL, "Organization?_has:Patient:organization:name=x"),
    (OWN_ALL, "Observation?performer:Practitioner._has:Observation:performer:patient=2"),
    (OWN_ALL, "Encounter?_has:Observation:encounter:code=x"),
    (OWN_ALL, "RelatedPerson?_has:Observation:performer:code=x"),
    (OWN_ALL, "Patient?_has:Observation:focus:code=x"),
    (OWN_ALL, "Patient?_has:Patient:link:name=x"),
    (OWN_ALL, "Patient?_has:Observation:patient:performer:Patient.name=x"),
    (OWN_ALL, "Patient?_has:Observation:patient:encounter:Encounter.class=x"),
    (OWN_ALL, "Patient?link:Patient.name=x"),
    (OWN_ALL, "Observation?performer.name=x"),
    (OWN_ALL, "Observation?performer.organization.name=x"),
    (OWN_ALL, "Patient?organization.partof.partof.partof.partof.partof.name=x"),
]


@pytest.mark.parametrize(("held", "target"), PROBES)
def test_a_chain_that_could_probe_beyond_the_rights_is_refused(held, target):
    assert refused("GET", target, held).status == 403


@pytest.mark.parametrize(
    "parameter",
    [
        "nonsense=1",
        "_filter=code eq x",
        "_query=x",
        "_list=List/1",
        "_type=Patient",
        "_contained=both",
        "_containedType=container",
        "$x=1",
        "code:nonsense=x",
        "code:=x",
        "date:not=2020",
        "patient:Practitioner=1",
        "code.x=1",
        "patient.nonsense=1",
        "subject:Practitioner.name=x",
        "subject:Nonsense.name=x",
        "_has=x",
        "_has:Observation:patient=x",
        "_has:Nonsense:patient:code=x",
        "_has:Observation:nonsense:code=x",
        "_has:Observation:code:code=x",
        "_has:Condition:patient:code=x",
        "_sort=nonsense",
        "_sort=patient.name",
        "_count=-1",
        "_count=x",
        "_count:exact=1",
        "_total=x",
        "_summary=x",
        "_elements=a.b",
        "_include=Nonsense:patient",
        "_include=Observation",
        "_include=Observation:code",
        "_include=Observation:nonsense",
        "_include:nonsense=Observation:patient",
        "_revinclude=Observation:patient:Nonsense",
    ],
)
def test_what_is_not_understood_is_refused_as_bad(parameter):
    refusal = refused("GET", f"Observation?{parameter}", LEE)
    assert (refusal.status, refusal.outcome["issue"][0]["severity"]) == (400, "error")


def test_another_format_than_json_is_not_acceptable():
    assert refused("GET", "Patient?_format=application/fhir%2Bxml", LEE).status == 406
    for json in (
        "json",
        "application/json",
        "application/fhir%2Bjson",
        "application/fhir+json;fhirVersion=4.0",
    ):
        assert allowed("GET", f"Patient?_format={json}&_pretty=true", LEE).parameters == ()


def test_parameters_that_shape_the_result_are_passed_on():
    asked = "_count=500&_sort=-date,_id&_total=accurate&_include=Observation:patient&_include:iterate=Patient:link"
    decision = allowed("GET", f"Observation?{asked}&_include=*&status=&_count=", LEE)
    assert query(decision.parameters) == f"{asked}&_include=*"


def test_elements_and_summaries_are_not_left_to_the_server():
    decision = allowed("GET", "Observation?_elements=code,value&_summary=data", OWN_ALL)
    assert query(decision.parameters) == "patient=Patient/1"
    assert decision.view.elements == ("code", "value")
    assert decision.view.without_text


@pytest.mark.parametrize("count", ["_summary=count", "_count=0"])
def test_a_count_is_answered_where_the_search_says_the_rights(count):
    assert (
        query(allowed("GET", f"Observation?{count}", OWN_ALL).parameters)
        == "patient=Patient/1&_summary=count"
    )


def test_a_reverse_include_of_a_type_out_of_scope_is_not_asked_for():
    held = rights("patient/Patient.rs patient/Condition.r")
    asked = "Patient?_revinclude=Observation:patient&_revinclude=Condition:patient"
    assert query(allowed("GET", asked, held).parameters) == "_id=1&_revinclude=Condition:patient"


@pytest.mark.parametrize("resource_type", ["Binary", "Bundle", "Subscription", "Basic"])
def test_a_search_of_a_type_out_of_reach_is_refused_before_its_parameters_are_looked_at(resource_type):
    held = rights("patient/Observation.rs patient/Binary.rs patient/Bundle.rs", OWN)
    assert refused("GET", f"{resource_type}?nonsense=1", held).status == 403
