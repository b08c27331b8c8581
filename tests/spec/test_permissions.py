"""Permissions of definitions, and what they let one do in FHIR."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.operation_permissions import CALLS, Call
from assent.spec.permission_names import ARGUMENT_FORMS, PERMISSIONS
from assent.spec.permissions import (
    BadPermission,
    Permission,
    Power,
    has_effect,
    is_idle,
    own_powers,
    powers,
    read_permission,
)

EVERYWHERE = Power("partition", "*", partition="*")
EXAMPLES = {
    "none": None,
    "type": "Observation",
    "instance": "Observation/o1",
    "compartment": "Patient/123",
    "type in compartment": "Observation:Patient/123",
    "operation": "Patient:$everything",
    "partitions": "north,south",
    "text": "PUBLIC,PRIVATE",
}


@pytest.mark.parametrize(
    ("name", "argument", "given"),
    [
        ("FHIR_ALL_READ", None, {Power("read", "*")}),
        ("FHIR_ALL_WRITE", None, {Power("write", "*")}),
        ("FHIR_ALL_DELETE", None, {Power("delete", "*")}),
        ("FHIR_READ_ALL_OF_TYPE", "Observation", {Power("read", "Observation")}),
        ("FHIR_DELETE_ALL_OF_TYPE", "Basic", {Power("delete", "Basic")}),
        ("FHIR_ACCESS_PARTITION_ALL", None, {Power("partition", "*", partition="*")}),
        (
            "FHIR_ACCESS_PARTITION_NAME",
            "north, south,north",
            {Power("partition", "*", partition="north"), Power("partition", "*", partition="south")},
        ),
        ("FHIR_WRITE_INSTANCE", "Patient/1", {Power("write", "Patient", instance="Patient/1")}),
        ("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/123", {Power("read", "*", within="Patient/123")}),
        (
            "FHIR_WRITE_TYPE_IN_COMPARTMENT",
            "Observation:Patient/123",
            {Power("write", "Observation", within="Patient/123")},
        ),
        (
            "ROLE_FHIR_CLIENT_SUPERUSER",
            None,
            {Power("read", "*"), Power("write", "*"), Power("delete", "*"), EVERYWHERE},
        ),
        ("ROLE_FHIR_CLIENT_SUPERUSER_RO", None, {Power("read", "*"), EVERYWHERE}),
        ("FHIR_WRITE_ALL_OF_TYPE", "Observation", {Power("write", "Observation")}),
        ("FHIR_READ_INSTANCE", "Patient/1", {Power("read", "Patient", instance="Patient/1")}),
        ("FHIR_WRITE_ALL_IN_COMPARTMENT", "Patient/123", {Power("write", "*", within="Patient/123")}),
        ("FHIR_DELETE_ALL_IN_COMPARTMENT", "Patient/123", {Power("delete", "*", within="Patient/123")}),
        (
            "FHIR_READ_TYPE_IN_COMPARTMENT",
            "Observation:Patient/123",
            {Power("read", "Observation", within="Patient/123")},
        ),
        (
            "FHIR_DELETE_TYPE_IN_COMPARTMENT",
            "Observation:Patient/123",
            {Power("delete", "Observation", within="Patient/123")},
        ),
        (
            "ROLE_FHIR_TERMINOLOGY_READ_CLIENT",
            None,
            {Power("read", "CodeSystem"), Power("read", "ValueSet"), Power("read", "ConceptMap")},
        ),
        ("ROLE_FHIR_CLIENT", None, set()),
        ("ROLE_SUPERUSER", None, set()),
        ("ACCESS_FHIR_ENDPOINT", None, set()),
    ],
)
def test_what_a_permission_lets_one_do(name: str, argument: str | None, given: set[Power]) -> None:
    held = powers([read_permission(name, argument)])
    assert {power for power in held if power.call is None} == given


@pytest.mark.parametrize(
    ("name", "argument", "given"),
    [
        ("FHIR_BATCH", None, {("*", Call("batch", "server"))}),
        ("FHIR_TRANSACTION", None, {("*", Call("transaction", "server"))}),
        ("FHIR_PATCH", None, {("*", Call("patch", "instance"))}),
        (
            "FHIR_OP_PATIENT_EVERYTHING",
            None,
            {("Patient", Call("$everything", "type")), ("Patient", Call("$everything", "instance"))},
        ),
        ("FHIR_OP_ENCOUNTER_EVERYTHING", None, {("Encounter", Call("$everything", "instance"))}),
        ("FHIR_EXTENDED_OPERATION_ON_SERVER", "$purge", {("*", Call("$purge", "server"))}),
        ("FHIR_EXTENDED_OPERATION_ON_TYPE", "Group:$tell", {("Group", Call("$tell", "type"))}),
        ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE", "$tell", {("*", Call("$tell", "instance"))}),
        (
            "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE_OF_TYPE",
            "Group:$tell",
            {("Group", Call("$tell", "instance"))},
        ),
        ("ROLE_SUPERUSER", None, set()),
        (
            "FHIR_AUTO_MDM",
            None,
            {("*", Call("$auto-mdm*", level)) for level in ("server", "type", "instance")},
        ),
        (
            "FHIR_OP_INITIATE_BULK_DATA_EXPORT",
            None,
            {
                ("*", Call("$export", "server")),
                ("Patient", Call("$export", "type")),
                ("Patient", Call("$export", "instance")),
                ("Group", Call("$export", "instance")),
            },
        ),
        (
            "FHIR_EXPUNGE_DELETED",
            None,
            {("*", Call("expunge of what is deleted", level)) for level in ("server", "type", "instance")},
        ),
        ("FHIR_EXPUNGE_EVERYTHING", None, {("*", Call("expunge of everything", "server"))}),
    ],
)
def test_what_a_permission_lets_one_call(
    name: str, argument: str | None, given: set[tuple[str, Call]]
) -> None:
    held = powers([read_permission(name, argument)])
    assert {(power.resource_type, power.call) for power in held} == given
    assert all(power.verb == "call" for power in held)


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("FHIR_READ_SEARCH_PARAMETERS", {"read"}),
        ("FHIR_MODIFY_SEARCH_PARAMETERS", {"write", "delete"}),
    ],
)
def test_the_permissions_of_search_parameters_are_of_one_type(name: str, verbs: set[str]) -> None:
    assert set(powers([read_permission(name)])) == {Power(verb, "SearchParameter") for verb in verbs}  # type: ignore[arg-type]


def test_without_permissions_one_may_do_nothing() -> None:
    assert powers([]) == ()
    assert own_powers([]) == ()


def test_each_power_is_given_once() -> None:
    both = [read_permission("FHIR_ALL_READ"), read_permission("ROLE_FHIR_CLIENT_SUPERUSER_RO")]
    assert powers(both)[0] == Power("read", "*")
    assert len(set(powers(both))) == len(powers(both))


@pytest.mark.parametrize(
    "name", ["BLOCK_FHIR_READ_UNLESS_CODE_IN_VS", "BLOCK_FHIR_READ_UNLESS_CODE_NOT_IN_VS"]
)
def test_who_is_blocked_by_a_value_set_reads_nothing(name: str) -> None:
    block = read_permission(name, "http://example.org/vs")
    held = powers([read_permission("ROLE_FHIR_CLIENT_SUPERUSER"), block])
    assert {power.verb for power in held} == {"write", "delete", "call", "partition"}


def test_a_patient_reads_and_writes_in_her_own_compartment_and_in_those_she_represents() -> None:
    assert own_powers(["1", "Patient/2", "1"]) == (
        Power("read", "*", within="Patient/1"),
        Power("write", "*", within="Patient/1"),
        Power("read", "*", within="Patient/2"),
        Power("write", "*", within="Patient/2"),
    )


@pytest.mark.parametrize("patient", ["", "Patient/", "Practitioner/1", "..", "1/2", "Patient/Patient/1"])
def test_who_is_no_patient_has_no_compartment(patient: str) -> None:
    with pytest.raises(ValueError, match="a patient is"):
        own_powers([patient])


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_every_known_permission_is_read_with_an_argument_of_its_kind(name: str) -> None:
    argument = EXAMPLES[PERMISSIONS[name].argument]
    permission = read_permission(name, argument)
    assert permission == Permission(name, argument)
    assert bool(powers([permission])) <= (PERMISSIONS[name].effect != "none")


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_an_argument_of_another_kind_is_refused(name: str) -> None:
    kind = PERMISSIONS[name]
    wrong = "x" if kind.argument == "none" else None
    with pytest.raises(BadPermission, match=name):
        read_permission(name, wrong)


@pytest.mark.parametrize(
    ("name", "argument", "message"),
    [
        ("FHIR_ALL_REED", None, "did you mean FHIR_ALL_READ"),
        ("?", None, "unknown permission"),
        ("FHIR_READ_ALL_OF_TYPE", "Observatoin", "did you mean Observation"),
        ("FHIR_READ_ALL_OF_TYPE", "*", "unknown resource type"),
        ("FHIR_READ_INSTANCE", "Patient", "Type/id"),
        ("FHIR_READ_ALL_IN_COMPARTMENT", "Observation/1", "have a compartment"),
        ("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/..", "an id is"),
        ("FHIR_READ_TYPE_IN_COMPARTMENT", "Patient/1/Observation", "divided by a colon"),
        ("FHIR_READ_TYPE_IN_COMPARTMENT", "Foo:Patient/1", "unknown resource type"),
        ("FHIR_EXTENDED_OPERATION_ON_TYPE", "everything", "dollar"),
        ("FHIR_EXTENDED_OPERATION_ON_TYPE", "Patient:everything", "dollar"),
        ("FHIR_ACCESS_PARTITION_NAME", "a\nb", "names of partitions"),
        ("FHIR_ACCESS_PARTITION_NAME", "north,", "commas stand between"),
        ("FHIR_ACCESS_PARTITION_NAME", "*", "letters, digits"),
        ("BLOCK_FHIR_READ_UNLESS_CODE_IN_VS", "a\nb", "printable"),
        ("FHIR_READ_ALL_OF_TYPE", "", ARGUMENT_FORMS["type"]),
    ],
)
def test_a_bad_permission_is_refused_with_its_rule(name: str, argument: str | None, message: str) -> None:
    with pytest.raises(BadPermission, match=message.replace("$", r"\$")):
        read_permission(name, argument)


def test_an_empty_argument_counts_as_none() -> None:
    assert read_permission("FHIR_ALL_READ", "") == Permission("FHIR_ALL_READ")


@given(st.sampled_from(sorted(PERMISSIONS)) | st.text(), st.text() | st.none())
def test_any_permission_is_read_or_refused(name: str, argument: str | None) -> None:
    try:
        permission = read_permission(name, argument)
    except BadPermission:
        return
    powers([permission])


ACTING = {
    *("ROLE_FHIR_CLIENT_SUPERUSER", "ROLE_FHIR_CLIENT_SUPERUSER_RO", "ROLE_FHIR_TERMINOLOGY_READ_CLIENT"),
    *("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE"),
    *("FHIR_READ_ALL_OF_TYPE", "FHIR_WRITE_ALL_OF_TYPE", "FHIR_DELETE_ALL_OF_TYPE"),
    *("FHIR_READ_INSTANCE", "FHIR_WRITE_INSTANCE"),
    *(f"FHIR_{verb}_ALL_IN_COMPARTMENT" for verb in ("READ", "WRITE", "DELETE")),
    *(f"FHIR_{verb}_TYPE_IN_COMPARTMENT" for verb in ("READ", "WRITE", "DELETE")),
    *("FHIR_ACCESS_PARTITION_ALL", "FHIR_ACCESS_PARTITION_NAME"),
    *("BLOCK_FHIR_READ_UNLESS_CODE_IN_VS", "BLOCK_FHIR_READ_UNLESS_CODE_NOT_IN_VS"),
}


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_each_name_acts_or_is_known_to_have_no_effect(name: str) -> None:
    permission = read_permission(name, EXAMPLES[PERMISSIONS[name].argument])
    operates = PERMISSIONS[name].effect == "fhir_operation"
    assert has_effect(permission) is (name in ACTING or operates)
    assert is_idle(permission) is (not has_effect(permission) and not name.startswith("ROLE_"))
    if PERMISSIONS[name].effect == "fhir_data":
        assert name in ACTING


@pytest.mark.parametrize("owner", ["Practitioner/1", "Encounter/1", "Device/1", "RelatedPerson/1"])
def test_of_compartments_only_a_patients_has_an_effect(owner: str) -> None:
    for name, argument in (
        ("FHIR_READ_ALL_IN_COMPARTMENT", owner),
        ("FHIR_WRITE_TYPE_IN_COMPARTMENT", f"Observation:{owner}"),
    ):
        assert is_idle(read_permission(name, argument))
        assert not is_idle(read_permission(name, argument.replace(owner, "Patient/1")))


def test_every_permission_that_opens_a_call_is_known() -> None:
    assert CALLS.keys() <= PERMISSIONS.keys()
    assert all(PERMISSIONS[name].effect in ("fhir_operation", "role") for name in CALLS)
