"""Rights = scope ∩ permission: which ways in a token gives."""

import pytest

from assent.spec.fhir.reaches import Reach
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import Power, own_powers
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope
from spec.fhir.cases import ALL, ALL_READ, OWN, rights

WHOLE = Reach()
OWN_RECORD = Reach(frozenset({"1"}))
NOTHING: tuple[Reach, ...] = ()

OBSERVATIONS = [
    # scope, powers, patient in context, acting, what reaches Observation.r
    ("patient/Observation.rs", OWN, "1", "person", (OWN_RECORD,)),
    ("patient/Observation.rs", OWN, None, "person", NOTHING),
    ("patient/Observation.rs", (), "1", "person", NOTHING),
    ("patient/Observation.rs", ALL_READ, "1", "person", (OWN_RECORD,)),
    ("patient/Observation.rs", ALL_READ, None, "person", NOTHING),
    ("patient/Observation.rs", own_powers(["2"]), "1", "person", (Reach(frozenset({"1", "2"})),)),
    ("patient/Observation.rs", own_powers(["1", "2"]), "1", "person", (OWN_RECORD,)),
    ("patient/Observation.rs", ALL_READ, None, "client", (WHOLE,)),
    ("patient/Observation.rs", ALL_READ, "1", "client", (OWN_RECORD,)),
    ("patient/Observation.rs", (), None, "client", NOTHING),
    ("user/Observation.rs", ALL_READ, None, "person", (WHOLE,)),
    ("user/Observation.rs", ALL_READ, "1", "person", (WHOLE,)),
    ("user/Observation.rs", OWN, None, "person", (OWN_RECORD,)),
    ("user/Observation.rs", (), "1", "person", NOTHING),
    ("user/Observation.rs", ALL_READ, None, "client", (WHOLE,)),
    ("system/Observation.rs", ALL_READ, None, "client", (WHOLE,)),
    ("system/Observation.rs", (), None, "client", NOTHING),
    ("system/Observation.rs", ALL_READ, "1", "person", NOTHING),
    ("patient/*.rs", OWN, "1", "person", (OWN_RECORD,)),
    ("patient/*.cruds", OWN, "1", "person", (OWN_RECORD,)),
    ("patient/*.read", OWN, "1", "person", (OWN_RECORD,)),
    ("patient/Condition.rs", OWN, "1", "person", NOTHING),
    ("patient/Observation.s", OWN, "1", "person", NOTHING),
    ("patient/Observation.cud", OWN, "1", "person", NOTHING),
    ("patient/Observation.write", OWN, "1", "person", NOTHING),
    ("patient/Observation.r user/Observation.r", ALL_READ, "1", "person", (WHOLE,)),
    ("patient/Observation.r user/Condition.r", ALL_READ, "1", "person", (OWN_RECORD,)),
    ("openid fhirUser launch offline_access", ALL, "1", "person", NOTHING),
    ("", ALL, "1", "person", NOTHING),
    ("user/Observation.rs", (Power("read", "Observation"),), None, "person", (WHOLE,)),
    ("user/Observation.rs", (Power("read", "Condition"),), None, "person", NOTHING),
    ("user/Observation.rs", (Power("write", "*"), Power("delete", "*")), None, "person", NOTHING),
    (
        "user/Observation.rs",
        (Power("read", "Observation", instance="Observation/9"),),
        None,
        "person",
        (Reach(instance="9"),),
    ),
    ("user/Observation.rs", (Power("read", "*", within="Encounter/9"),), None, "person", NOTHING),
    ("user/Observation.rs", (Power("read", "*", within="Practitioner/9"),), None, "person", NOTHING),
]


@pytest.mark.row("S8")
@pytest.mark.parametrize(("scopes", "powers", "patient", "acting", "reaches"), OBSERVATIONS)
def test_reading_an_observation_needs_a_scope_and_a_power_that_meet(scopes, powers, patient, acting, reaches):
    assert rights(scopes, powers, patient, acting).reaches("Observation", "r") == reaches


LETTERS = [
    ("c", "user/Observation.c", Power("write", "*")),
    ("r", "user/Observation.r", Power("read", "*")),
    ("u", "user/Observation.u", Power("write", "*")),
    ("d", "user/Observation.d", Power("delete", "*")),
    ("s", "user/Observation.s", Power("read", "*")),
]


@pytest.mark.row("S1")
@pytest.mark.parametrize(("letter", "scope", "power"), LETTERS)
def test_each_letter_allows_itself_alone_and_needs_its_own_power(letter, scope, power):
    for other, _, _ in LETTERS:
        assert bool(rights(scope, ALL).reaches("Observation", other)) == (other == letter)
        reached = rights("user/Observation.cruds", (power,)).reaches("Observation", other)
        assert bool(reached) == ({one[0]: one[2] for one in LETTERS}[other] == power)


@pytest.mark.row("S5")
def test_scopes_and_powers_add_up():
    held = rights(
        "patient/Observation.r?category=laboratory patient/Observation.s patient/Observation.r?category=vital-signs"
    )
    assert set(held.reaches("Observation", "r")) == {
        Reach(frozenset({"1"}), constraints=(("category", "laboratory"),)),
        Reach(frozenset({"1"}), constraints=(("category", "vital-signs"),)),
    }
    assert held.reaches("Observation", "s") == (OWN_RECORD,)
    two = rights("user/Observation.rs", own_powers(["1", "2"]))
    assert set(two.reaches("Observation", "s")) == {Reach(frozenset({"1"})), Reach(frozenset({"2"}))}


@pytest.mark.row("S10")
def test_a_wildcard_scope_reaches_every_type_and_a_granular_one_no_more_than_it_says():
    held = rights("user/*.rs", ALL_READ)
    assert all(held.is_whole(name, "r") for name in ("Observation", "Binary", "Subscription", "Person"))
    granular = rights("user/Observation.rs?category=laboratory", ALL_READ)
    assert not granular.is_whole("Observation", "r")
    assert granular.reaches("Condition", "r") == ()


@pytest.mark.parametrize(
    ("resource_type", "letter", "reached"),
    [
        ("Patient", "r", True),
        ("Observation", "c", True),
        ("Device", "r", True),
        ("Practitioner", "r", True),
        ("Practitioner", "s", True),
        ("Practitioner", "c", False),
        ("Practitioner", "u", False),
        ("Medication", "s", True),
        ("Binary", "r", False),
        ("Bundle", "r", False),
        ("Parameters", "r", False),
        ("Subscription", "r", False),
        ("Library", "s", False),
        ("ResearchStudy", "s", False),
        ("MessageHeader", "r", False),
        ("Observation", "d", False),
    ],
)
def test_a_patients_own_rights_reach_her_compartment_and_supporting_types_for_reading(
    resource_type, letter, reached
):
    assert bool(rights("patient/*.cruds").reaches(resource_type, letter)) == reached


def test_the_patient_type_is_reached_for_one_patient_only():
    assert rights("patient/Patient.rs").reaches("Patient", "r") == (OWN_RECORD,)
    assert rights("patient/Patient.rs", own_powers(["2"])).reaches("Patient", "r") == ()
    one = (Power("read", "Patient", instance="Patient/5"),)
    assert rights("patient/Patient.rs", one).reaches("Patient", "r") == ()
    assert rights("user/Patient.rs", one).reaches("Patient", "r") == (Reach(instance="5"),)


@pytest.mark.parametrize(
    "constraint",
    [("date", "2020"), ("value-quantity", "5"), ("nonsense", "1"), ("code-value-concept", "a$b")],
)
def test_a_scope_whose_constraint_cannot_be_decided_gives_nothing(constraint):
    """Such a text is no scope; rights do not rely on it."""
    scope = ResourceScope("user", "Observation", "rs", (constraint,))
    assert Rights(ScopeSet((scope,)), ALL, None, "person").reaches("Observation", "r") == ()


def test_a_constraint_on_all_types_reaches_those_that_have_the_parameter():
    held = rights("user/*.rs?category=laboratory", ALL)
    assert held.reaches("Observation", "r")
    assert held.reaches("Patient", "r") == ()
