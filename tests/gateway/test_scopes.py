"""Rights = scope ∩ permission, over HTTP: each kind of scope with each kind of permission opens just its own."""

import pytest

from gateway import oracle
from gateway.clinic import FHIR_JSON, key_of

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
AMYS = frozenset(oracle.searched_by("amy"))
OBSERVATIONS = frozenset(oracle.of_types(AMYS, "Observation"))
LABS = frozenset(oracle.coded(OBSERVATIONS, "category", "laboratory"))
VITALS = frozenset(oracle.coded(OBSERVATIONS, "category", "vital-signs"))
NONE = frozenset()

GRANULAR = [
    ("patient/Observation.rs?category=laboratory", LABS),
    (f"patient/Observation.rs?category={CATEGORY}|laboratory", LABS),
    ("patient/Observation.rs?category=http://nobody.example|laboratory", NONE),
    (f"patient/Observation.rs?category={CATEGORY}|", OBSERVATIONS),
    ("patient/Observation.rs?category=laboratory,vital-signs", LABS | VITALS),
    ("patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs", LABS | VITALS),
    (
        "patient/Observation.rs?category=laboratory&status=final",
        {key for key in LABS if oracle.everything()[key]["status"] == "final"},
    ),
    ("patient/Observation.rs?category=laboratory&category=vital-signs", LABS & VITALS),
    (
        "patient/Observation.rs?category=laboratory patient/Observation.rs?status=amended",
        LABS | {"Observation/misfiled"},
    ),
    (
        "patient/Observation.rs?category=vital-signs&code=http://loinc.org|8867-4",
        oracle.coded(VITALS, "code", "8867-4"),
    ),
    ("patient/Observation.rs?category=laboratory patient/Observation.rs", OBSERVATIONS),
    ("patient/Observation.rs?category=laboratory patient/*.rs", OBSERVATIONS),
    ("patient/Observation.rs?encounter=Encounter/amy-visit-1", None),
    ("patient/*.rs?category=laboratory", LABS),
    ("patient/Observation.read", OBSERVATIONS),
    ("patient/*.read", OBSERVATIONS),
    ("patient/*.*", OBSERVATIONS),
    ("patient/Observation.cruds", OBSERVATIONS),
]
"""scope, the Observations that amy's app sees by it; None: by the element itself."""


@pytest.mark.row("S6", "S3")
@pytest.mark.parametrize(("scope", "expected"), GRANULAR)
async def test_a_scope_holds_for_search_and_for_read_alike(ask, scope, expected):
    asking = await ask("amy", scope, "amy")
    if expected is None:
        expected = {
            key
            for key in OBSERVATIONS
            if oracle.everything()[key].get("encounter") == {"reference": "Encounter/amy-visit-1"}
        }
    assert await asking.keys("Observation?_count=500") == expected
    for key in oracle.sample(OBSERVATIONS & set(expected)):
        assert key_of(await asking.read(key)) == key
    for key in oracle.sample(OBSERVATIONS - set(expected)):
        await asking.refused("GET", key, 404)


@pytest.mark.row("S6")
async def test_a_granular_scope_is_met_with_what_a_search_asks(ask):
    asking = await ask("amy", "patient/Observation.rs?category=laboratory", "amy")
    assert await asking.keys("Observation?category=vital-signs&_count=500") == LABS & VITALS
    assert await asking.keys("Observation?category=laboratory&_count=500") == LABS
    assert await asking.keys("Observation?_id=amy-heart-rate-1") == NONE


@pytest.mark.row("S6", "S7")
@pytest.mark.parametrize(
    "constraint", ["date=2020", "code:in=x", "patient.name=amy", "_filter=x", "nonsense=1"]
)
async def test_a_constraint_that_cannot_be_decided_opens_nothing(ask, constraint):
    asking = await ask("amy", f"patient/Observation.rs?{constraint}", "amy")
    await asking.refused("GET", "Observation", 403)
    await asking.refused("GET", "Observation/amy-heart-rate-1", 403)


LETTERS = [
    ("r", "GET", "Observation/misfiled", None),
    ("r", "GET", "Observation/misfiled/_history", None),
    ("r", "GET", "Observation/misfiled/_history/2", None),
    ("s", "GET", "Observation?_count=1", None),
    ("s", "GET", "Patient/amy/Observation?_count=1", None),
    ("c", "POST", "Observation", {}),
    ("u", "PUT", "Observation/misfiled", {"id": "misfiled"}),
    ("d", "DELETE", "Observation/misfiled", None),
]


@pytest.mark.row("S1", "B11", "T10")
@pytest.mark.parametrize(("letter", "method", "path", "body"), LETTERS)
async def test_each_interaction_needs_its_own_letter(ask, letter, method, path, body):
    """What is sent names nobody, so that a write with its letter is refused later, for what it says."""
    body = None if body is None else {"resourceType": "Observation", "status": "final", **body}
    for held in "cruds":
        asking = await ask("amy", f"patient/Observation.{held}", "amy")
        answer = await asking.send(method, path, body)
        told = answer.json()["issue"][0]["diagnostics"] if answer.status_code == 403 else ""
        is_refused_by_type = told.startswith("This access does not include Observation")
        # nobody may delete by a patient's own rights
        assert is_refused_by_type == (held != letter or letter == "d"), (held, answer.text)


CONTEXTS = [
    ("lee", "patient/Patient.rs", "amy", {"Patient/amy"}),
    ("lee", "patient/Patient.rs", None, None),
    ("lee", "user/Patient.rs", "amy", "all"),
    ("lee", "patient/Patient.rs user/Patient.rs", "amy", "all"),
    ("lee", "patient/Patient.rs user/Condition.rs", "amy", {"Patient/amy"}),
    ("lee", "system/*.rs", "amy", None),
    ("amy", "patient/Patient.rs", "chidi", None),
    ("amy", "patient/Patient.rs", None, None),
    ("amy", "user/Patient.rs", None, {"Patient/amy"}),
    ("amy", "user/Patient.rs", "chidi", {"Patient/amy"}),
    ("jonas", "user/Patient.rs", None, {"Patient/leo", "Patient/mia"}),
    ("jonas", "patient/Patient.rs", "mia", {"Patient/mia"}),
    ("jonas", "patient/Patient.rs user/Patient.rs", "mia", {"Patient/leo", "Patient/mia"}),
    ("jonas", "patient/Patient.rs", "amy", None),
    ("nora", "patient/Patient.rs", "leo", {"Patient/leo"}),
    ("nobody", "patient/*.cruds user/*.cruds system/*.cruds", "amy", None),
    ("admin", "patient/*.cruds user/*.cruds", "amy", None),
    ("lee", "openid fhirUser launch/patient", "amy", None),
    ("lee", "", "amy", None),
]
"""username, scope, patient in context, the Patients found; None: refused."""


@pytest.mark.row("S8", "S12")
@pytest.mark.parametrize(("username", "scope", "context", "expected"), CONTEXTS)
async def test_a_patient_scope_is_for_the_patient_in_context_and_a_user_scope_for_what_the_user_may_see(
    ask, username, scope, context, expected
):
    asking = await ask(username, scope, context)
    if expected is None:
        await asking.refused("GET", "Patient", 403)
        await asking.refused("GET", "Patient/amy", 403)
        return
    if expected == "all":
        expected = oracle.of_types(oracle.everything(), "Patient")
    assert await asking.keys("Patient?_count=500") == expected


PERMISSIONS = [
    ("lee", "Observation", "all"),
    ("typist", "Observation", "all"),
    ("typist", "Patient", "all"),
    ("typist", "Condition", None),
    ("clerk", "Patient", {"Patient/amy"}),
    ("clerk", "Observation", {"Observation/misfiled"}),
    ("clerk", "Condition", None),
    ("nurse", "Observation", OBSERVATIONS),
    ("nurse", "Patient", {"Patient/amy"}),
    ("nurse", "Binary", None),
    ("lab", "Observation", OBSERVATIONS),
    ("lab", "Patient", None),
    ("blind", "Observation", None),
    ("nobody", "Observation", None),
    ("nobody", "Practitioner", None),
]
"""username, type, what a search with user/*.cruds finds; None: refused."""


@pytest.mark.row("S8")
@pytest.mark.parametrize(("username", "resource_type", "expected"), PERMISSIONS)
async def test_each_reading_permission_opens_what_it_names(ask, username, resource_type, expected):
    asking = await ask(username, "user/*.cruds")
    some = next(key for key in oracle.everything() if key.startswith(f"{resource_type}/"))
    if expected is None:
        await asking.refused("GET", resource_type, 403)
        await asking.refused("GET", some, 403)
        return
    if expected == "all":
        expected = oracle.of_types(oracle.everything(), resource_type)
        assert (await asking.read(f"{resource_type}?_summary=count"))["total"] == len(expected)
        await asking.read(some)
        return
    assert await asking.keys(f"{resource_type}?_count=500") == expected


@pytest.mark.parametrize("path", ["Binary/amy-note-text-7", "Binary?_id=amy-note-text-7"])
async def test_a_binary_is_for_those_who_may_read_all_of_them(ask, path):
    await (await ask("amy", "patient/*.rs", "amy")).refused("GET", path, 403)
    assert (await (await ask("lee", "user/*.rs")).get(path)).status_code == 200


async def test_a_group_shows_whole_to_each_of_its_members(ask):
    """R4 places a Group in each member's compartment; `_elements` aside, a resource is shown or not, never in part."""
    asking = await ask("guardian", "user/Group.rs")
    assert await asking.keys("Group") == {"Group/asthma-programme"}
    assert await (await ask("amy", "patient/*.rs", "amy")).keys("Group") == set()


OWN = [
    ("system/*.rs", ["FHIR_ALL_READ"], 200),
    ("user/*.rs", ["FHIR_ALL_READ"], 200),
    ("system/Observation.rs", ["FHIR_ALL_READ"], 403),
    ("patient/*.rs", ["FHIR_ALL_READ"], 200),  # decision 0011
    ("patient/*.rs", ["FHIR_READ_ALL_IN_COMPARTMENT Patient/amy"], 200),
    ("patient/*.rs", [], 403),
    ("patient/*.cud", ["FHIR_ALL_READ"], 403),
    ("system/*.rs", ["FHIR_READ_ALL_IN_COMPARTMENT Patient/amy"], 200),
    ("system/*.rs", [], 403),
    ("system/*.rs", ["ROLE_SUPERUSER"], 403),
    ("system/*.cud", ["FHIR_ALL_READ"], 403),
]


@pytest.mark.row("S8", "S12", "B8", "B11")
@pytest.mark.parametrize(("scope", "permissions", "status"), OWN)
async def test_a_client_on_its_own_has_its_permissions_by_default_nothing(clinic, scope, permissions, status):
    client_id = f"own-{abs(hash((scope, *permissions)))}"
    await clinic.client(client_id, permissions)
    asking = await clinic.own(client_id, scope)
    for path in ("Patient", "Patient/amy"):
        answer = await asking.get(path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith(FHIR_JSON)
    if permissions == ["FHIR_READ_ALL_IN_COMPARTMENT Patient/amy"] and status == 200:
        assert await asking.keys("Observation?_count=500") == OBSERVATIONS
        await asking.refused("GET", "Patient/chidi", 404)


@pytest.mark.row("B8")
async def test_a_type_that_is_out_of_scope_or_does_not_exist_fails_rather_than_come_empty(clinic):
    await clinic.client("report", ["FHIR_ALL_READ"])
    asking = await clinic.own("report", "system/Patient.rs")
    await asking.refused("GET", "Observation", 403)
    await asking.refused("GET", "Nonsense", 404)


@pytest.mark.row("B9", "S8")
async def test_what_permissions_hold_back_is_left_out_of_a_search_that_answers(clinic):
    await clinic.client("ward-report", ["FHIR_READ_TYPE_IN_COMPARTMENT Observation:Patient/amy"])
    asking = await clinic.own("ward-report", "system/*.rs")
    assert await asking.keys("Observation?_count=500") == OBSERVATIONS
    assert await asking.keys("Observation?patient=chidi") == set()
