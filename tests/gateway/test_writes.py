"""Writes: the resource before and after lies within the rights, and is stored as it was checked."""

import json
from typing import Any

import pytest

from assent.fhir.upstream import UpstreamRequest, UpstreamResponse
from gateway.clinic import FHIR_JSON, Asking, Clinic, Json

AMYS = {"reference": "Patient/amy"}
CHIDIS = {"reference": "Patient/chidi"}
SCOPE = "patient/*.cruds"


def observation(id_: str | None = None, subject: Any = AMYS, **more: Any) -> Json:
    """A small Observation."""
    own = {} if id_ is None else {"id": id_}
    subjects = {} if subject is None else {"subject": subject}
    return {
        "resourceType": "Observation",
        **own,
        "status": "final",
        "code": {"text": "mood"},
        **subjects,
        **more,
    }


@pytest.fixture
async def small(ward) -> Clinic:
    """Two patients, an Observation each."""
    return await ward(
        {"resourceType": "Patient", "id": "amy"},
        {"resourceType": "Patient", "id": "chidi"},
        {"resourceType": "Practitioner", "id": "lee"},
        observation("hers"),
        observation("his", CHIDIS),
    )


async def amy_of(clinic: Clinic, scope: str = SCOPE) -> Asking:
    """An app with amy's token."""
    amy, client = await clinic.person("amy", "Patient/amy"), await clinic.client("app")
    return await clinic.asking(client, amy, scope, "amy")


async def stored(clinic: Clinic, path: str) -> Json | None:
    """What the FHIR server holds."""
    answer = await clinic.application.fhir.send(UpstreamRequest("GET", path))
    return json.loads(answer.body) if answer.status == 200 else None


async def test_a_patients_app_creates_in_her_record(small: Clinic) -> None:
    amy = await amy_of(small)
    answer = await amy.send("POST", "Observation", observation())
    assert answer.status_code == 201
    created = answer.json()
    assert answer.headers["location"] == f"{amy.base}/Observation/{created['id']}/_history/1"
    assert answer.headers["etag"] == 'W/"1"'
    assert "last-modified" in answer.headers
    assert (await amy.read(f"Observation/{created['id']}"))["subject"] == AMYS


async def test_a_patients_app_updates_what_is_hers(small: Clinic) -> None:
    amy = await amy_of(small)
    answer = await amy.send("PUT", "Observation/hers", observation("hers", status="amended"))
    assert answer.status_code == 200
    assert answer.headers["etag"] == 'W/"2"'
    assert (await stored(small, "Observation/hers") or {})["status"] == "amended"


OUTSIDE = [
    observation(subject=CHIDIS),
    observation(subject=None),
    observation(subject={"reference": "Patient/nobody"}),
    observation(subject={"reference": "https://elsewhere.example/fhir/Patient/amy"}),
    observation(subject={"reference": "urn:uuid:5a2bb9b7-44d4-4d5f-bd36-9e1ec7b6a4a1"}),
    observation(subject={"identifier": {"value": "amy"}}),
    observation(subject={"reference": "#amy"}, contained=[{"resourceType": "Patient", "id": "amy"}]),
    observation(subject={"reference": "Patient?identifier=amy"}),
    observation(subject={"reference": "Patient/amy/../chidi"}),
    observation(subject={"reference": "patient/amy"}),
    observation(performer=[CHIDIS]),
    observation(subject=CHIDIS, performer=[AMYS]),
]


@pytest.mark.parametrize("resource", OUTSIDE)
async def test_nothing_is_created_outside_the_record(small: Clinic, resource: Json) -> None:
    amy = await amy_of(small)
    before = len(small.application.fhir.asked)
    await amy.refused("POST", "Observation", 403, resource)
    await amy.refused("PUT", "Observation/hers", 403, {**resource, "id": "hers"})
    assert len(small.application.fhir.asked) == before
    assert (await stored(small, "Observation/hers") or {})["subject"] == AMYS


async def test_a_resource_cannot_be_moved_out_of_the_record_or_into_it(small: Clinic) -> None:
    amy = await amy_of(small)
    await amy.refused("PUT", "Observation/hers", 403, observation("hers", CHIDIS))
    await amy.refused("PUT", "Observation/his", 404, observation("his"))
    assert (await stored(small, "Observation/hers") or {})["subject"] == AMYS
    assert (await stored(small, "Observation/his") or {})["subject"] == CHIDIS


async def test_who_may_write_all_creates_under_an_id_of_her_own(small: Clinic) -> None:
    writer = await small.person("writer", None, ["FHIR_ALL_WRITE"])
    asking = await small.asking(await small.client("app"), writer, "user/Observation.u")
    answer = await asking.send("PUT", "Observation/chosen", observation("chosen", CHIDIS))
    assert answer.status_code == 201
    await asking.refused("POST", "Observation", 403, observation())
    await asking.refused("GET", "Observation/chosen", 403)


async def test_an_update_names_its_own_id_and_type(small: Clinic) -> None:
    amy = await amy_of(small)
    await amy.refused("PUT", "Observation/hers", 400, observation("his"))
    await amy.refused("PUT", "Observation/hers", 400, observation())
    await amy.refused("PUT", "Observation/hers", 400, {**observation("hers"), "resourceType": "Condition"})


async def test_a_patient_may_change_her_own_patient_record_but_make_no_other(small: Clinic) -> None:
    amy = await amy_of(small)
    answer = await amy.send(
        "PUT", "Patient/amy", {"resourceType": "Patient", "id": "amy", "gender": "female"}
    )
    assert answer.status_code == 200
    await amy.refused("PUT", "Patient/chidi", 403, {"resourceType": "Patient", "id": "chidi"})
    await amy.refused("POST", "Patient", 403, {"resourceType": "Patient"})
    linked = {"resourceType": "Patient", "id": "amy", "link": [{"other": CHIDIS, "type": "seealso"}]}
    await amy.refused("PUT", "Patient/amy", 403, linked)


async def test_supporting_resources_are_not_written_by_a_patients_app(small: Clinic) -> None:
    amy = await amy_of(small)
    await amy.refused("PUT", "Practitioner/lee", 403, {"resourceType": "Practitioner", "id": "lee"})
    await amy.refused("POST", "Medication", 403, {"resourceType": "Medication"})
    await amy.refused("POST", "Binary", 403, {"resourceType": "Binary"})


@pytest.mark.row("S6")
async def test_a_granular_scope_holds_for_what_is_written(small: Clinic) -> None:
    amy = await amy_of(small, "patient/Observation.cu?status=preliminary patient/Observation.r")
    answer = await amy.send("POST", "Observation", observation(status="preliminary"))
    assert answer.status_code == 201
    await amy.refused("POST", "Observation", 403, observation())
    made = answer.json()["id"]
    await amy.refused("PUT", f"Observation/{made}", 403, observation(made))
    await amy.refused("PUT", "Observation/hers", 403, observation("hers", status="preliminary"))


async def test_nothing_is_deleted_without_a_permission_to_delete(small: Clinic) -> None:
    await (await amy_of(small)).refused("DELETE", "Observation/hers", 403)
    cleaner = await small.person("cleaner", None, ["FHIR_DELETE_ALL_IN_COMPARTMENT Patient/amy"])
    client = await small.client("tidy")
    asking = await small.asking(client, cleaner, "user/Observation.d")
    await asking.refused("DELETE", "Observation/his", 404)
    assert (await asking.send("DELETE", "Observation/hers")).status_code == 204
    await asking.refused("DELETE", "Observation/hers", 404)
    assert await stored(small, "Observation/hers") is None
    assert await stored(small, "Observation/his") is not None


WRITING = [
    ("FHIR_WRITE_ALL_OF_TYPE Observation", {"hers": 200, "his": 200}),
    ("FHIR_WRITE_INSTANCE Observation/his", {"hers": 404, "his": 200}),
    ("FHIR_WRITE_ALL_IN_COMPARTMENT Patient/chidi", {"hers": 404, "his": 200}),
    ("FHIR_WRITE_TYPE_IN_COMPARTMENT Observation:Patient/amy", {"hers": 200, "his": 404}),
    ("FHIR_WRITE_TYPE_IN_COMPARTMENT Condition:Patient/amy", {"hers": 403, "his": 403}),
    ("FHIR_ALL_READ", {"hers": 403, "his": 403}),
    ("FHIR_ALL_DELETE", {"hers": 403, "his": 403}),
]


@pytest.mark.row("S8")
@pytest.mark.parametrize(("permission", "statuses"), WRITING)
async def test_each_writing_permission_opens_what_it_names(
    small: Clinic, permission: str, statuses: dict[str, int]
) -> None:
    person = await small.person("writer", None, [permission])
    asking = await small.asking(await small.client("app"), person, "user/*.cruds")
    for id_, subject in (("hers", AMYS), ("his", CHIDIS)):
        sent = observation(id_, subject)
        if statuses[id_] == 404:
            # what is sent lies within the rights; what stands there does not
            other = CHIDIS if subject == AMYS else AMYS
            sent = observation(id_, other)
        answer = await asking.send("PUT", f"Observation/{id_}", sent)
        if permission == "FHIR_WRITE_INSTANCE Observation/his" and id_ == "hers":
            assert answer.status_code == 403  # what is sent is not the one resource
        else:
            assert answer.status_code == statuses[id_], answer.text


class Meanwhile:
    """Another writer, who changes the resource between our look at it and our write."""

    def __init__(self, clinic: Clinic, resource: Json) -> None:
        self._send = clinic.application.fhir.send
        self._resource = resource
        clinic.application.fhir.send = self.send  # type: ignore[method-assign]

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        if request.method in ("PUT", "DELETE"):
            body = json.dumps(self._resource).encode()
            path = f"{self._resource['resourceType']}/{self._resource['id']}"
            await self._send(UpstreamRequest("PUT", path, (), {"content-type": FHIR_JSON}, body))
        return await self._send(request)


@pytest.mark.parametrize("if_match", [None, 'W/"1"'])
async def test_a_write_loses_when_another_changes_the_resource_after_the_check(
    small: Clinic, if_match: str | None
) -> None:
    amy = await amy_of(small)
    Meanwhile(small, observation("hers", CHIDIS))
    given = {} if if_match is None else {"If_Match": if_match}
    await amy.refused("PUT", "Observation/hers", 412, observation("hers", status="amended"), **given)
    assert (await stored(small, "Observation/hers") or {})["subject"] == CHIDIS


async def test_a_version_that_is_to_come_is_no_leave_to_write_over_it(small: Clinic) -> None:
    """Whoever names it bets on another's write in between, of which nothing was checked."""
    amy = await amy_of(small)
    Meanwhile(small, observation("hers", CHIDIS))
    await amy.refused("PUT", "Observation/hers", 412, observation("hers"), If_Match='W/"2"')


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 200), ('"1"', 200), ('W/"9"', 412)])
async def test_an_update_holds_for_the_version_that_it_names(
    small: Clinic, if_match: str, status: int
) -> None:
    amy = await amy_of(small)
    sent = observation("hers", status="amended")
    answer = await amy.send("PUT", "Observation/hers", sent, If_Match=if_match)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == ("Observation" if status == 200 else "OperationOutcome")


@pytest.mark.parametrize("if_match", ["*", "1", 'W/"1", W/"2"', 'W/"a b"', ""])
async def test_if_match_names_one_version(small: Clinic, if_match: str) -> None:
    """`*` would let a write through on whatever has come there since."""
    amy = await amy_of(small)
    await amy.refused("PUT", "Observation/hers", 400, observation("hers"), If_Match=if_match)


async def test_another_version_is_no_way_to_ask_whether_somebody_elses_resource_exists(small: Clinic) -> None:
    amy = await amy_of(small)
    for id_ in ("his", "nobodys"):
        await amy.refused("PUT", f"Observation/{id_}", 404, observation(id_), If_Match='W/"1"')


async def test_what_is_stored_is_what_was_checked_and_decimals_stay_as_they_were_written(
    small: Clinic,
) -> None:
    amy = await amy_of(small)
    text = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"subject":{"reference":"Patient/chidi"},"subject":{"reference":"Patient/amy"},'
        b'"valueQuantity":{"value":1.500},"component":[{"valueQuantity":{"value":12345678901234567890.10}}]}'
    )
    answer = await amy.send("POST", "Observation", text)
    assert answer.status_code == 201
    got = await amy.get(f"Observation/{answer.json()['id']}")
    for body in (answer.text, got.text):
        assert '"value":1.500' in body
        assert '"value":12345678901234567890.10' in body
        assert "chidi" not in body
    turned = text.replace(b"Patient/amy", b"Patient/x").replace(b"Patient/chidi", b"Patient/amy")
    await amy.refused("POST", "Observation", 403, turned.replace(b"Patient/x", b"Patient/chidi"))


@pytest.mark.parametrize(
    ("prefer", "shows"),
    [
        ("return=minimal", None),
        ("return=representation", "Observation"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("respond-async", "Observation"),
        ("handling=lenient, return=minimal", None),
    ],
)
async def test_the_preferred_answer_is_given(small: Clinic, prefer: str, shows: str | None) -> None:
    amy = await amy_of(small)
    answer = await amy.send("POST", "Observation", observation(), Prefer=prefer)
    assert answer.status_code == 201
    assert answer.headers["location"].startswith(f"{amy.base}/Observation/")
    assert (answer.json()["resourceType"] if answer.content else None) == shows


async def test_an_id_that_a_new_resource_brings_is_not_taken(small: Clinic) -> None:
    amy = await amy_of(small)
    answer = await amy.send("POST", "Observation", observation("his"))
    assert answer.json()["id"] != "his"
    assert (await stored(small, "Observation/his") or {})["subject"] == CHIDIS


async def test_a_guardian_writes_for_each_child_and_not_about_both(ward) -> None:
    clinic = await ward(
        {"resourceType": "Patient", "id": "leo"},
        {"resourceType": "Patient", "id": "mia"},
        {"resourceType": "Patient", "id": "amy"},
    )
    jonas = await clinic.person("jonas", represents=("Patient/leo", "Patient/mia"))
    client = await clinic.client("app")
    leos, mias = {"reference": "Patient/leo"}, {"reference": "Patient/mia"}
    one = await clinic.asking(client, jonas, "patient/*.cu", "leo")
    assert (await one.send("POST", "Observation", observation(subject=leos))).status_code == 201
    await one.refused("POST", "Observation", 403, observation(subject=mias))
    await one.refused("POST", "Observation", 403, observation(subject=leos, performer=[mias]))
    both = await clinic.asking(client, jonas, "user/*.cu")
    assert (await both.send("POST", "Observation", observation(subject=mias))).status_code == 201
    assert (
        await both.send("POST", "Observation", observation(subject=leos, performer=[mias]))
    ).status_code == 201
    await both.refused("POST", "Observation", 403, observation(subject=AMYS))
