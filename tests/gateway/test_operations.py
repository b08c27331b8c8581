"""Operations and patches before real records: what is passed on, and what of the answer."""

import json

import pytest

from gateway import oracle
from gateway.clinic import Asking, Clinic, Json, key_of, link_of, resources_in

EVERYTHING = "FHIR_OP_PATIENT_EVERYTHING"
WRITER = ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE")
PATIENT = {"resourceType": "Patient", "id": "amy"}
OTHER = {"resourceType": "Patient", "id": "chidi"}
HEART_RATE = {
    "resourceType": "Observation",
    "id": "rate",
    "status": "preliminary",
    "code": {"text": "heart rate"},
    "subject": {"reference": "Patient/amy"},
}


async def somebody(
    clinic: Clinic, scope: str, *permissions: str, patient: str | None = None, **more: str
) -> Asking:
    """A person with these permissions of her own, through an app."""
    name = f"somebody-{len(clinic.application.fhir.asked)}-{hash((scope, permissions)) % 10_000}"
    person = await clinic.person(name, more.get("fhir_user"), permissions)
    return await clinic.asking(await clinic.client(f"app-{name}"), person, scope, patient)


async def test_all_about_a_patient_is_what_she_may_search_for(clinic):
    """The demo's store answers with all of the compartment: the gateway leaves out what the scope does not reach."""
    asking = await somebody(clinic, "patient/*.rs", EVERYTHING, patient="amy", fhir_user="Patient/amy")
    found = {key_of(one) for one in await asking.found("Patient/amy/$everything?_count=1000")}
    assert "Patient/amy" in found
    assert found <= oracle.searched_by("amy")
    assert len(found) > 50


async def test_a_narrow_scope_narrows_all_about_a_patient(clinic):
    scope = "patient/Patient.rs patient/Condition.s patient/Immunization.r"
    asking = await somebody(clinic, scope, EVERYTHING, patient="amy", fhir_user="Patient/amy")
    found = await asking.found("Patient/amy/$everything?_count=1000")
    assert {one["resourceType"] for one in found} == {"Patient", "Condition"}


async def test_all_about_somebody_else_is_as_if_there_were_nobody(clinic):
    asking = await somebody(clinic, "patient/*.rs", EVERYTHING, patient="amy", fhir_user="Patient/amy")
    outcomes = [await asking.refused("GET", f"Patient/{id_}/$everything", 404) for id_ in ("chidi", "nobody")]
    assert len({outcome["issue"][0]["code"] for outcome in outcomes}) == 1


async def test_the_pages_do_not_tell_how_much_was_left_out(clinic):
    asking = await somebody(clinic, "patient/Patient.rs", EVERYTHING, patient="amy", fhir_user="Patient/amy")
    assert len(await asking.pages("Patient/amy/$everything?_count=1")) == 1
    await asking.refused("GET", "Patient/amy/$everything?_type=Observation", 400)
    await asking.refused("GET", "Patient/$everything", 403)


async def test_further_pages_of_all_about_a_patient_are_checked_too(clinic):
    asking = await somebody(clinic, "patient/*.rs", EVERYTHING, patient="amy", fhir_user="Patient/amy")
    pages = await asking.pages("Patient/amy/$everything?_count=25")
    assert len(pages) > 2
    found = [key_of(one) for page in pages for one in resources_in(page)]
    assert len(found) == len(set(found))
    assert set(found) == {key_of(one) for one in await asking.found("Patient/amy/$everything?_count=1000")}
    link = link_of(pages[0], "next").removeprefix(f"{asking.base}/")
    stranger = await somebody(clinic, "patient/*.rs", EVERYTHING, patient="chidi", fhir_user="Patient/chidi")
    await stranger.refused("GET", link, 400)


async def test_without_the_permission_nothing_is_asked(clinic, ask):
    asking = await ask("lee", "user/*.rs")
    before = len(clinic.application.fhir.asked)
    outcome = await asking.refused("GET", "Patient/amy/$everything", 403)
    assert "does not include the operation $everything" in outcome["issue"][0]["diagnostics"]
    assert len(clinic.application.fhir.asked) == before


async def test_the_operation_of_somebodys_own_words_is_not_repeated(clinic, ask):
    outcome = await (await ask("lee", "user/*.rs")).refused("GET", "Patient/amy/$amyshaw", 403)
    assert "amyshaw" not in json.dumps(outcome)


class Other:
    """A FHIR server that answers every operation with the same."""

    base = "http://fhir.internal/r4"

    def __init__(self, answered: Json, status: int = 200) -> None:
        self.answered, self.status = answered, status
        self.asked: list[tuple[str, str, Json | None]] = []
        self.bodies: list[bytes] = []

    async def send(self, request):
        from assent.fhir.upstream import UpstreamResponse

        body = json.loads(request.body) if request.body else None
        self.bodies.append(request.body or b"")
        self.asked.append((request.method, request.target, body))
        return UpstreamResponse(self.status, {}, json.dumps(self.answered).encode())


async def before(ward, answered: Json, *, status: int = 200) -> tuple[Clinic, Other]:
    clinic = await ward(PATIENT)
    other = Other(answered, status)
    clinic.application.fhir.store = other
    clinic.application.fhir.send = other.send
    return clinic, other


COUNTS = {"resourceType": "Parameters", "parameter": [{"name": "Patient", "valueInteger": 60}]}


async def test_an_operation_of_the_server_is_passed_on_for_who_may_read_everything(ward):
    clinic, other = await before(ward, COUNTS)
    asking = await somebody(clinic, "user/*.rs", "FHIR_ALL_READ", "FHIR_GET_RESOURCE_COUNTS")
    assert await asking.read("$get-resource-counts?_type=Patient") == COUNTS
    assert other.asked == [("GET", "$get-resource-counts?_type=Patient", None)]


async def test_what_is_posted_to_an_operation_is_read_and_written_anew(ward):
    clinic, other = await before(ward, COUNTS)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_OP_PATIENT_MATCH", *WRITER)
    answer = await asking.send(
        "POST", "Patient/$match", b'{"resourceType":"Parameters","id":"1","id":"2"}', Prefer="respond-async"
    )
    assert answer.status_code == 200, answer.text
    assert other.asked == [("POST", "Patient/$match", {"resourceType": "Parameters", "id": "2"})]
    assert (await asking.send("POST", "Patient/$match")).status_code == 200
    assert other.asked[-1][2] == {"resourceType": "Parameters"}
    await asking.refused("POST", "Patient/$match", 400, b"{")
    await asking.refused("POST", "Patient/$match", 415, b"<x/>", content_type="application/fhir+xml")


async def test_a_bundle_of_an_operation_names_our_own_addresses(ward):
    base = Other.base
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [
            {"relation": "self", "url": f"{base}/Patient/$match"},
            {"relation": "next", "url": f"{base}?_getpages=1"},
        ],
        "entry": [{"fullUrl": f"{base}/Patient/amy", "resource": PATIENT}],
    }
    clinic, other = await before(ward, bundle)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_OP_PATIENT_MATCH", *WRITER)
    answer = await asking.send("POST", "Patient/$match", {"resourceType": "Parameters"})
    found = answer.json()
    assert base not in answer.text
    assert found["entry"][0]["fullUrl"] == f"{asking.base}/Patient/amy"
    await asking.read(link_of(found, "next").removeprefix(f"{asking.base}/"))
    assert other.asked[-1][:2] == ("GET", "?_getpages=1")


async def test_what_is_no_bundle_is_no_answer_to_everything(ward):
    clinic, _ = await before(ward, OTHER)
    asking = await somebody(clinic, "user/*.rs", "FHIR_ALL_READ", EVERYTHING)
    outcome = await asking.refused("GET", "Patient/amy/$everything", 502)
    assert "chidi" not in json.dumps(outcome)


async def test_what_the_server_says_of_an_operation_is_told_without_its_words(ward):
    words = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid", "diagnostics": "Amy"}],
    }
    clinic, _ = await before(ward, words, status=422)
    asking = await somebody(clinic, "user/*.rs", "FHIR_ALL_READ", "FHIR_GET_RESOURCE_COUNTS")
    outcome = await asking.refused("GET", "$get-resource-counts", 422)
    assert "Amy" not in json.dumps(outcome)


PATCH = [{"op": "replace", "path": "/status", "value": "final"}]
JSON_PATCH = "application/json-patch+json"


async def test_a_patch_is_made_by_who_may_update_all_of_the_type(ward):
    clinic = await ward(PATIENT, HEART_RATE)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_PATCH", *WRITER)
    answer = await asking.send("PATCH", "Observation/rate", PATCH, content_type=JSON_PATCH, If_Match='W/"1"')
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "final"
    assert (await asking.read("Observation/rate"))["status"] == "final"
    stale = await asking.send("PATCH", "Observation/rate", PATCH, content_type=JSON_PATCH, If_Match='W/"1"')
    assert stale.status_code == 412


async def test_who_may_not_read_does_not_patch(ward):
    """A test within a patch would tell what is there."""
    clinic = await ward(PATIENT, HEART_RATE)
    asking = await somebody(clinic, "user/*.cud", "FHIR_PATCH", "FHIR_WRITE_ALL_OF_TYPE Observation")
    test = [{"op": "test", "path": "/status", "value": "preliminary"}]
    await asking.refused("PATCH", "Observation/rate", 403, test, content_type=JSON_PATCH)


async def test_the_numbers_of_a_patch_stay_as_precise_as_they_are(ward):
    clinic, other = await before(ward, {**HEART_RATE})
    asking = await somebody(clinic, "user/*.cruds", "FHIR_PATCH", *WRITER)
    patch = b'[{"op":"add","path":"/valueQuantity","value":{"value":1.50,"x":12345678901234567.89}}]'
    assert (await asking.send("PATCH", "Observation/rate", patch, content_type=JSON_PATCH)).status_code == 200
    assert b"1.50" in other.bodies[-1]
    assert b"12345678901234567.89" in other.bodies[-1]


async def test_a_patch_has_no_condition_that_is_not_heeded(ward):
    clinic = await ward(PATIENT, HEART_RATE)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_PATCH", *WRITER)
    answer = await asking.send("PATCH", "Observation/rate", PATCH, content_type=JSON_PATCH, If_None_Match="*")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "link",
    [
        "../../admin/secret",
        "{base}/../../manager?x=1",
        "{base}/%2e%2e/x",
        "{base}/$mdm-clear",
        "http://[bad",
        "//x/y",
    ],
)
async def test_a_further_page_is_nowhere_else(ward, link):
    url = link.replace("{base}", Other.base)
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": url}],
        "entry": [],
    }
    clinic, other = await before(ward, bundle)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_OP_PATIENT_MATCH", *WRITER)
    for method, path in (("POST", "Patient/$match"), ("GET", "Patient?_count=1")):
        await asking.refused(method, path, 502, {"resourceType": "Parameters"} if method == "POST" else None)
    assert len(other.asked) == 2


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", JSON_PATCH, 400),
        (b"[1]", JSON_PATCH, 400),
        (b"[", JSON_PATCH, 400),
        (b'{"resourceType": "Observation"}', "application/fhir+json", 400),
        (b"<diff/>", "application/xml-patch+xml", 415),
    ],
)
async def test_what_is_no_patch_is_refused(ward, body, media_type, status):
    clinic = await ward(PATIENT, HEART_RATE)
    asking = await somebody(clinic, "user/*.cruds", "FHIR_PATCH", *WRITER)
    await asking.refused("PATCH", "Observation/rate", status, body, content_type=media_type)
    assert (await clinic.stored("Observation"))[0]["status"] == "preliminary"


async def test_her_own_record_is_not_patched(ward):
    clinic = await ward(PATIENT, HEART_RATE)
    asking = await somebody(clinic, "patient/*.cruds", "FHIR_PATCH", patient="amy", fhir_user="Patient/amy")
    await asking.refused("PATCH", "Observation/rate", 403, PATCH, content_type=JSON_PATCH)
    assert (await clinic.stored("Observation"))[0]["status"] == "preliminary"
