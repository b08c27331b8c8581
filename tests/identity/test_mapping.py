"""Rules from groups to permissions."""

import pytest

from assent.identity.mapping import BadRule, permissions_of, read_rules, roles_of
from assent.spec.permissions import Permission

RULES = read_rules(
    [
        "clinicians => FHIR_ALL_READ",
        "cn=Pharmacy,ou=groups,dc=clinic => FHIR_READ_ALL_OF_TYPE:MedicationRequest",
        "nurses => FHIR_ALL_READ",
        "* => ROLE_FHIR_CLIENT",
    ]
)
ANYBODY = Permission("ROLE_FHIR_CLIENT")
READING = Permission("FHIR_ALL_READ")


@pytest.mark.parametrize(
    ("groups", "permissions"),
    [
        ([], (ANYBODY,)),
        (["clinicians"], (READING, ANYBODY)),
        ([" Clinicians ", "nurses"], (READING, ANYBODY)),
        (
            ["CN=pharmacy,OU=groups,DC=clinic"],
            (Permission("FHIR_READ_ALL_OF_TYPE", "MedicationRequest"), ANYBODY),
        ),
        (["clinician", "clinicians => FHIR_ALL_WRITE", "*"], (ANYBODY,)),
    ],
)
def test_a_group_gives_what_the_rules_say(groups: list[str], permissions: tuple[Permission, ...]) -> None:
    assert permissions_of(RULES, groups) == permissions


def test_without_rules_a_group_gives_nothing() -> None:
    assert permissions_of((), ["clinicians", "*"]) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("clinicians", "is not written"),
        ("=> FHIR_ALL_READ", "is not written"),
        ("clinicians =>", "is not written"),
        ("clinicians => role:", "names no role"),
        ("clinicians => FHIR_ALL_REED", "did you mean FHIR_ALL_READ"),
        ("clinicians => FHIR_READ_ALL_OF_TYPE", "needs"),
        ("clinicians => FHIR_READ_ALL_OF_TYPE:Patiend", "Patient"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(text: str, why: str) -> None:
    with pytest.raises(BadRule, match=why):
        read_rules([text])


@pytest.mark.parametrize(
    ("groups", "roles"), [([], ()), (["Nurses"], ("nurse",)), (["nurses", "night"], ("nurse", "night-shift"))]
)
def test_a_group_gives_the_roles_that_the_rules_name(groups: list[str], roles: tuple[str, ...]) -> None:
    rules = read_rules(["nurses => role:nurse", "night => role: night-shift", "nurses => FHIR_ALL_READ"])

    assert roles_of(rules, groups) == roles
    assert permissions_of(rules, groups) == ((READING,) if groups else ())


def test_rules_that_speak_of_no_role_leave_the_roles_of_an_account_alone() -> None:
    assert roles_of(RULES, ["clinicians"]) is None
