"""A person's powers are not hers to write: what says who represents whom is out of an app's reach."""

import pytest

from assent.fhir.relations import ROLE_CODES
from assent.fhir.upstream import UpstreamRequest
from gateway.clinic import Asking, Clinic, Json

ZOES = {"reference": "Patient/zoe"}
LEOS = {"reference": "Patient/leo"}
PERSON: Json = {"resourceType": "Person", "id": "zoe", "link": [{"target": ZOES}]}
RELATED: Json = {
    "resourceType": "RelatedPerson",
    "id": "zoe-for-leo",
    "patient": LEOS,
    "relationship": [{"coding": [{"system": ROLE_CODES, "code": "HPOWATT"}]}],
    "period": {"end": "2000-01-01"},
}
STAFF: Json = {"resourceType": "RelatedPerson", "id": "nora-for-leo", "patient": LEOS}
SECRET: Json = {
    "resourceType": "Observation",
    "id": "leos",
    "status": "final",
    "code": {"text": "secret"},
    "subject": LEOS,
}


@pytest.fixture
async def family(ward) -> Clinic:
    """zoe, whose fhirUser is a Person, and leo, whom she represented once."""
    patients = [{"resourceType": "Patient", "id": id_} for id_ in ("zoe", "leo")]
    return await ward(*patients, PERSON, RELATED, STAFF, SECRET)


async def zoe_of(clinic: Clinic, scope: str = "patient/*.cruds user/*.cruds", **person: object) -> Asking:
    zoe = await clinic.person("zoe", **{"fhir_user": "Person/zoe", **person})
    return await clinic.asking(await clinic.client("app"), zoe, scope, "zoe")


async def version(clinic: Clinic, path: str) -> str:
    answer = await clinic.application.fhir.send(UpstreamRequest("GET", path))
    return str(answer.json()["meta"]["versionId"])


async def counted(clinic: Clinic) -> int:
    return len(await clinic.stored("Person")) + len(await clinic.stored("RelatedPerson"))


TAKEN = [
    ("PUT", "Person/zoe", {**PERSON, "link": [{"target": ZOES}, {"target": LEOS}]}),
    (
        "PUT",
        "Person/zoe",
        {**PERSON, "link": [{"target": ZOES}, {"target": {"reference": "RelatedPerson/nora-for-leo"}}]},
    ),
    ("PUT", "Person/zoe", PERSON),
    ("PUT", "Person/zoe2", {**PERSON, "id": "zoe2"}),
    ("POST", "Person", {"resourceType": "Person", "link": [{"target": ZOES}]}),
    ("POST", "RelatedPerson", {"resourceType": "RelatedPerson", "patient": ZOES}),
    ("PUT", "RelatedPerson/new", {"resourceType": "RelatedPerson", "id": "new", "patient": ZOES}),
    ("DELETE", "Person/zoe", None),
]


@pytest.mark.row("S8")
@pytest.mark.parametrize("permissions", [[], ["FHIR_WRITE_ALL_IN_COMPARTMENT Patient/zoe"]])
@pytest.mark.parametrize(("method", "path", "sent"), TAKEN)
async def test_nobody_gives_herself_somebody_elses_record(family, method, path, sent, permissions):
    zoe = await zoe_of(family, permissions=[*permissions, "FHIR_DELETE_ALL_IN_COMPARTMENT Patient/zoe"])
    await zoe.refused(method, path, 403, sent)
    assert await version(family, "Person/zoe") == "1"
    assert await counted(family) == 3
    await zoe.refused("GET", "Observation/leos", 404)


async def test_a_guardian_does_not_prolong_her_own_guardianship(ward):
    current = {**RELATED, "period": {"end": "2999-01-01"}}
    clinic = await ward({"resourceType": "Patient", "id": "leo"}, current)
    guardian = await clinic.person("guardian", "RelatedPerson/zoe-for-leo")
    asking = await clinic.asking(await clinic.client("app"), guardian, "user/*.cruds", "leo")
    assert (await asking.read("RelatedPerson/zoe-for-leo"))["period"] == {"end": "2999-01-01"}
    for changed in ({**current, "period": {}}, {**current, "name": [{"text": "Zoe"}]}):
        await asking.refused("PUT", "RelatedPerson/zoe-for-leo", 403, changed)
    assert await version(clinic, "RelatedPerson/zoe-for-leo") == "1"


@pytest.mark.parametrize(
    ("permission", "scope", "status"),
    [
        ("FHIR_ALL_WRITE", "user/*.cruds", 200),
        ("FHIR_WRITE_ALL_OF_TYPE RelatedPerson", "user/RelatedPerson.u", 200),
        ("FHIR_WRITE_ALL_OF_TYPE RelatedPerson", "patient/RelatedPerson.u", 403),
        ("FHIR_WRITE_ALL_OF_TYPE Person", "user/RelatedPerson.u", 403),
        ("FHIR_WRITE_INSTANCE RelatedPerson/zoe-for-leo", "user/RelatedPerson.u", 403),
        ("FHIR_WRITE_ALL_IN_COMPARTMENT Patient/leo", "user/RelatedPerson.u", 403),
        ("FHIR_WRITE_TYPE_IN_COMPARTMENT RelatedPerson:Patient/leo", "user/RelatedPerson.u", 403),
    ],
)
async def test_only_who_may_write_all_of_the_type_says_who_represents_whom(family, permission, scope, status):
    clerk = await family.person("clerk", "Practitioner/lee", [permission])
    asking = await family.asking(await family.client("app"), clerk, scope, "leo")
    answer = await asking.send("PUT", "RelatedPerson/zoe-for-leo", {**RELATED, "period": {}})
    assert answer.status_code == status, answer.text
