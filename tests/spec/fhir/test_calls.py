"""Operations, batches, transactions and patches: what the permissions name, and what the rights have to reach."""

import pytest

from assent.spec.fhir.calls import check_batch, check_transaction
from assent.spec.fhir.refusals import Refused
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import own_powers, powers, read_permission
from spec.fhir.cases import allowed, refused, rights


def held(scopes: str, *permissions: str, patient: str | None = None, client: bool = False) -> Rights:
    """Rights by a scope text and permissions, each written `NAME` or `NAME argument`; with `patient` her own record."""
    given = powers([read_permission(*text.split(" ")) for text in permissions])
    own = own_powers([patient]) if patient else ()
    return rights(scopes, (*own, *given), patient, "client" if client else "person")


EVERYTHING = "FHIR_OP_PATIENT_EVERYTHING"
ALL_OF_IT = ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE")


def test_all_about_a_patient_is_passed_on_to_be_checked_one_by_one() -> None:
    allow = allowed(
        "GET",
        "Patient/1/$everything?_count=5&_type=Observation",
        held("patient/*.rs", EVERYTHING, patient="1"),
    )
    assert allow.needs_current
    assert not allow.as_it_is
    assert not allow.exact
    assert allow.parameters == (("_count", "5"), ("_type", "Observation"))
    assert allow.request.path == "Patient/1/$everything"


@pytest.mark.parametrize(
    ("scopes", "permissions", "detail"),
    [
        (
            "patient/*.rs",
            (),
            "FHIR_OP_PATIENT_EVERYTHING or FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE with the ",
        ),
        ("patient/*.r", (EVERYTHING,), "no granted scope covers Patient.s"),
        ("patient/*.s", (EVERYTHING,), "no granted scope covers Patient.r"),
        ("patient/Observation.rs", (EVERYTHING,), "no granted scope covers Patient.r"),
        ("patient/*.rs", ("FHIR_OP_ENCOUNTER_EVERYTHING",), "FHIR_OP_PATIENT_EVERYTHING"),
        ("patient/*.rs", ("FHIR_EXTENDED_OPERATION_ON_TYPE $everything",), "FHIR_OP_PATIENT_EVERYTHING"),
        ("patient/*.rs", ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $all",), "FHIR_OP_PATIENT_EVERYTHING"),
        (
            "patient/*.rs",
            ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE Group:$everything",),
            "FHIR_OP_PATIENT_EV",
        ),
    ],
)
def test_all_about_a_patient_needs_its_permission_and_to_read_and_search(
    scopes: str, permissions: tuple[str, ...], detail: str
) -> None:
    refusal = refused("GET", "Patient/1/$everything", held(scopes, *permissions, patient="1"))
    assert refusal.status == 403
    assert detail in refusal.detail


@pytest.mark.parametrize(
    "permission",
    [
        EVERYTHING,
        "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $everything",
        "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE_OF_TYPE Patient:$everything",
        "ROLE_FHIR_CLIENT_SUPERUSER_RO",
    ],
)
def test_each_permission_that_names_the_operation_opens_it(permission: str) -> None:
    allowed("GET", "Patient/1/$everything", held("patient/*.rs", permission, patient="1"))


def test_only_parameters_that_choose_among_what_is_shown_are_taken() -> None:
    own = held("patient/*.rs", EVERYTHING, patient="1")
    for query in ("_typeFilter=Observation", "_has:Group:member:code=x", "_include=*", "x=y"):
        assert refused("GET", f"Patient/1/$everything?{query}", own).status == 400
    assert refused("POST", "Patient/1/$everything", own).status == 400


UNLIMITED = [
    ("GET", "$get-resource-counts", ("FHIR_GET_RESOURCE_COUNTS",), "rs"),
    ("GET", "$graphql", ("FHIR_GRAPHQL",), "rs"),
    ("POST", "$graphql", ("FHIR_GRAPHQL",), "cruds"),
    ("POST", "Patient/$match", ("FHIR_OP_PATIENT_MATCH",), "rs"),
    ("GET", "Patient/1/$summary", ("FHIR_OP_PATIENT_SUMMARY",), "rs"),
    ("POST", "$process-message", ("FHIR_PROCESS_MESSAGE",), "cruds"),
    ("POST", "$mdm-submit", ("FHIR_OP_MDM_SUBMIT",), "cruds"),
    ("GET", "Observation/1/$meta", ("FHIR_META_OPERATIONS_SUPERUSER",), "rs"),
    ("POST", "Observation/1/$meta-add", ("FHIR_META_OPERATIONS_SUPERUSER",), "cruds"),
    ("GET", "Group/1/$tell", ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $tell",), "rs"),
    ("POST", "Group/1/$tell", ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $tell",), "cruds"),
]


@pytest.mark.parametrize(("method", "target", "permissions", "letters"), UNLIMITED)
def test_what_an_operation_touches_is_not_known_so_that_the_rights_reach_everything(
    method: str, target: str, permissions: tuple[str, ...], letters: str
) -> None:
    whole = held(f"system/*.{letters}", *permissions, *ALL_OF_IT, client=True)
    assert allowed(method, target, whole).as_it_is
    limited = [
        held(f"system/*.{letters}", *ALL_OF_IT, client=True),  # not named
        held(f"system/*.{letters}", *permissions, client=True),  # nothing to read
        held(f"system/*.{letters}", *permissions, "FHIR_READ_ALL_OF_TYPE Patient", client=True),
        held(f"system/*.{letters}?_id=1", *permissions, *ALL_OF_IT, client=True),
        held(f"system/*.{letters}", *permissions, "FHIR_READ_ALL_IN_COMPARTMENT Patient/1", client=True),
        held(f"patient/*.{letters}", *permissions, *ALL_OF_IT, patient="1"),
        held(f"system/*.{letters}", *permissions, *ALL_OF_IT, patient="1"),  # a person's
        *(
            held(f"system/*.{letters.replace(one, '')}", *permissions, *ALL_OF_IT, client=True)
            for one in letters
        ),
    ]
    for one in limited:
        assert refused(method, target, one).status == 403
    blocked = held(
        f"system/*.{letters}", *permissions, *ALL_OF_IT, "BLOCK_FHIR_READ_UNLESS_CODE_IN_VS x", client=True
    )
    assert refused(method, target, blocked).status == 403


def test_a_reader_of_everything_calls_what_changes_nothing_and_nothing_else() -> None:
    reader = held("system/*.cruds", "ROLE_FHIR_CLIENT_SUPERUSER_RO", client=True)
    assert allowed("GET", "$get-resource-counts", reader).as_it_is
    assert refused("POST", "$expunge", reader).status == 403
    assert allowed(
        "POST", "$expunge", held("system/*.cruds", "ROLE_FHIR_CLIENT_SUPERUSER", client=True)
    ).as_it_is


@pytest.mark.parametrize(
    "target", ["ValueSet/$expand?url=x", "CodeSystem/$lookup", "ConceptMap/1/$translate"]
)
def test_a_terminology_client_asks_for_terminology_alone(target: str) -> None:
    client = held("system/*.rs", "ROLE_FHIR_TERMINOLOGY_READ_CLIENT", client=True)
    assert allowed("GET", target, client).as_it_is
    assert allowed("POST", target, client).as_it_is
    assert refused("GET", "Patient/1/$everything", client).status == 403
    assert refused("GET", "ValueSet/$purge", client).status == 403
    assert (
        refused(
            "GET", target, held("system/ValueSet.rs", "ROLE_FHIR_TERMINOLOGY_READ_CLIENT", client=True)
        ).status
        == 403
    )


def test_a_patch_is_for_who_may_update_all_of_the_type() -> None:
    allowed(
        "PATCH", "Observation/1", held("user/*.cruds", "FHIR_PATCH", "FHIR_WRITE_ALL_OF_TYPE Observation")
    )
    for one in (
        held("user/*.cruds", "FHIR_WRITE_ALL_OF_TYPE Observation"),
        held("user/*.crds", "FHIR_PATCH", "FHIR_WRITE_ALL_OF_TYPE Observation"),
        held("patient/*.cruds", "FHIR_PATCH", patient="1"),
        held("user/*.cruds", "FHIR_PATCH", "FHIR_WRITE_ALL_OF_TYPE Patient"),
        held("user/*.cruds", "FHIR_PATCH", "FHIR_WRITE_INSTANCE Observation/1"),
    ):
        assert refused("PATCH", "Observation/1", one).status == 403


def test_who_may_send_a_batch_may_send_no_transaction_and_the_other_way_round() -> None:
    batches = held("user/*.cruds", "FHIR_BATCH", *ALL_OF_IT)
    transactions = held("user/*.cruds", "FHIR_TRANSACTION", *ALL_OF_IT)
    allowed("POST", "", batches)
    allowed("POST", "", transactions)
    check_batch(batches)
    check_transaction(transactions)
    with pytest.raises(Refused, match="transaction"):
        check_transaction(batches)
    with pytest.raises(Refused, match="batch"):
        check_batch(transactions)
    with pytest.raises(Refused, match="access to everything"):
        check_transaction(held("patient/*.cruds", "FHIR_TRANSACTION", patient="1"))


@pytest.mark.parametrize(
    "path",
    ["$", "$1x", "Patient/1/2/$everything", "Patient/$a/$b", "$everything/Patient", "Patient/../$everything"],
)
def test_a_path_that_is_no_operations_is_refused(path: str) -> None:
    superuser = held("system/*.cruds", "ROLE_FHIR_CLIENT_SUPERUSER", client=True)
    assert refused("GET", path, superuser).status in (400, 404)
    assert refused("PUT", "Patient/1/$everything", superuser).status == 405
