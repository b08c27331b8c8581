"""Operations, batches, transactions and patches: what the permissions name, and what the rights have to reach."""

import pytest

from assent.spec.fhir.calls import check_batch, check_transaction
from assent.spec.fhir.refusals import Refused
from assent.spec.fhir.rights import Rights
from assent.spec.operation_permissions import CALLS, Call
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
    ("GET", "$mdm-clear", ("FHIR_OP_MDM_CLEAR",), "cruds"),
    ("POST", "Patient/$member-match", ("FHIR_OP_MEMBER_MATCH",), "cruds"),
    ("POST", "DocumentReference/$docref", ("DOCREF",), "cruds"),
    ("GET", "DocumentReference/$docref", ("DOCREF",), "rs"),
    ("POST", "$graphql", ("FHIR_GRAPHQL",), "cruds"),
    ("POST", "Patient/$match", ("FHIR_OP_PATIENT_MATCH",), "rs"),
    ("GET", "Patient/1/$summary", ("FHIR_OP_PATIENT_SUMMARY",), "rs"),
    ("POST", "$process-message", ("FHIR_PROCESS_MESSAGE",), "cruds"),
    ("POST", "$mdm-submit", ("FHIR_OP_MDM_SUBMIT",), "cruds"),
    ("GET", "Observation/1/$meta", ("FHIR_META_OPERATIONS_SUPERUSER",), "rs"),
    ("POST", "Observation/1/$meta-add", ("FHIR_META_OPERATIONS_SUPERUSER",), "cruds"),
    ("GET", "Group/1/$tell", ("FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $tell",), "cruds"),
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
    more = held("system/*.cruds", "ROLE_FHIR_CLIENT_SUPERUSER_RO", *ALL_OF_IT, client=True)
    for one in (reader, more):
        for method in ("GET", "POST"):
            assert refused(method, "$expunge", one).status == 403
        assert refused("PATCH", "Patient/1", one).status == 403
        with pytest.raises(Refused, match="transaction"):
            check_transaction(one)
        check_batch(one)
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


def test_a_patch_is_for_who_may_read_and_update_all_of_the_type() -> None:
    reads, writes = "FHIR_READ_ALL_OF_TYPE Observation", "FHIR_WRITE_ALL_OF_TYPE Observation"
    allowed("PATCH", "Observation/1", held("user/*.cruds", "FHIR_PATCH", reads, writes))
    for one in (
        held("user/*.cruds", reads, writes),
        held("user/*.crds", "FHIR_PATCH", reads, writes),
        held("user/*.u", "FHIR_PATCH", reads, writes),
        held("user/*.cruds", "FHIR_PATCH", writes),
        held("patient/*.cruds", "FHIR_PATCH", patient="1"),
        held("user/*.cruds", "FHIR_PATCH", "FHIR_WRITE_ALL_OF_TYPE Patient", "FHIR_READ_ALL_OF_TYPE Patient"),
        held("user/*.cruds", "FHIR_PATCH", reads, "FHIR_WRITE_INSTANCE Observation/1"),
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


def test_of_types_out_of_reach_nothing_is_asked_for() -> None:
    """An answer's pages would tell how much of it was left out."""
    own = held(
        "patient/Patient.rs patient/Condition.rs patient/Observation.rs?category=x", EVERYTHING, patient="1"
    )
    assert allowed("GET", "Patient/1/$everything", own).parameters == (("_type", "Condition,Patient"),)
    both = "Patient/1/$everything?_type=Condition,Encounter&_type=Observation&_count=1"
    assert allowed("GET", both, own).parameters == (("_count", "1"), ("_type", "Condition"))
    assert refused("GET", "Patient/1/$everything?_type=Observation", own).status == 400
    whole = held("user/*.rs", EVERYTHING, "FHIR_ALL_READ")
    assert allowed("GET", "Patient/1/$everything", whole).parameters == ()


def test_all_about_all_patients_is_for_who_may_search_them_all() -> None:
    assert refused("GET", "Patient/$everything", held("patient/*.rs", EVERYTHING, patient="1")).status == 403
    some = held(
        "user/*.rs", EVERYTHING, "FHIR_READ_ALL_OF_TYPE Patient", "FHIR_READ_ALL_IN_COMPARTMENT Patient/1"
    )
    allow = allowed("GET", "Patient/$everything", some)
    shown = dict(allow.parameters)["_type"].split(",")
    assert "Patient" in shown
    assert "Organization" in shown
    assert not {"Observation", "Condition", "RelatedPerson"} & set(shown)
    assert not allow.as_it_is


def test_all_about_an_encounter_is_of_the_types_of_its_own_patient() -> None:
    opened = "FHIR_OP_ENCOUNTER_EVERYTHING"
    own = held("patient/Encounter.rs patient/Condition.rs", opened, patient="1")
    assert dict(allowed("GET", "Encounter/e/$everything", own).parameters)["_type"] == "Condition,Encounter"
    two = (
        "FHIR_READ_TYPE_IN_COMPARTMENT Encounter:Patient/1",
        "FHIR_READ_TYPE_IN_COMPARTMENT Condition:Patient/2",
    )
    other = held("user/*.rs", opened, *two)
    assert dict(allowed("GET", "Encounter/e/$everything", other).parameters)["_type"] == "Encounter"


@pytest.mark.parametrize("query", ["_method=DELETE", "_getpages=1", "_page=x", "_include=*"])
def test_what_steers_the_server_is_no_parameter_of_an_operation(query: str) -> None:
    whole = held("system/*.cruds", "ROLE_FHIR_CLIENT_SUPERUSER", client=True)
    assert refused("GET", f"$tell?{query}", whole).status == 400
    assert allowed("GET", "$tell?_format=xml&_type=Patient&x=y", whole).parameters == (
        ("_type", "Patient"),
        ("x", "y"),
    )


OPERATIONS = [
    (permission, resource_type, call)
    for permission, calls in CALLS.items()
    for resource_type, call in calls
    if call.name.startswith("$")
]
ASKED_BY_GET = {"$everything", "$export", "$binary-access-read"}


@pytest.mark.parametrize(("permission", "resource_type", "call"), OPERATIONS)
def test_each_operation_is_opened_by_its_permission_and_closed_without(
    permission: str, resource_type: str, call: Call
) -> None:
    name = call.name.removesuffix("*")
    one_type = "Basic" if resource_type == "*" else resource_type
    place = {"server": "", "type": f"{one_type}/", "instance": f"{one_type}/1/"}[call.level]
    query = f"?path={one_type}.x" if name.startswith("$binary") else ""
    method = "GET" if name in ASKED_BY_GET else "POST"
    allowed(method, f"{place}{name}{query}", held("user/*.cruds", permission, *ALL_OF_IT))
    assert refused(method, f"{place}{name}{query}", held("user/*.cruds", *ALL_OF_IT)).status == 403


def test_an_operation_of_a_longer_name_is_another() -> None:
    some = held("user/*.cruds", "FHIR_LIVEBUNDLE", "FHIR_GRAPHQL", *ALL_OF_IT)
    allowed("POST", "$livebundle-watchlist-add", some)
    for name in ("$live", "$graphql-more", "$auto-mdm"):
        assert refused("POST", name, some).status == 403
